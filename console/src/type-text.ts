import { visible } from "./plain.ts";
import type { Texts } from "./texts/en.ts";

export function typeText(type: string | null, texts: Texts): string {
  if (type === "USER") return texts.typeUser;
  return type === "GROUP" ? texts.typeGroup : visible(type);
}
