/** Where people sign in, as the function that serves the page says in its `<meta>` elements. */
export interface SignInSettings {
  issuer: string;
  clientId: string;
  /** Separated by spaces. */
  scopes: string;
}

/** `null` where nobody signs in. */
export function readSettings(document: Document): SignInSettings | null {
  const meta = (name: string) =>
    document.querySelector<HTMLMetaElement>(`meta[name="sign-in-${name}"]`)?.content ?? "";
  const issuer = meta("issuer");
  return issuer === "" ? null : { issuer, clientId: meta("client-id"), scopes: meta("scopes") };
}
