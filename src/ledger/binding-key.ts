interface Bound {
  user_id: string | null;
  user_name: string | null;
  type: string | null;
}

/** Who is bound, as one text: the same in the list and in detach-info. A user without an ID goes by the name. */
export function bindingKey({ user_id: id, user_name: name, type }: Bound): string {
  const who = id ? `#${id}` : `@${(name ?? "").toLowerCase()}`;
  return `${(type ?? "").toUpperCase()}${who}`;
}
