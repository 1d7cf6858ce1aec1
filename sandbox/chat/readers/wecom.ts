import { CHAT_KEYS } from "../requests.ts";
import type { Reader } from "../shown.ts";
import { decryptWecom, signatureOfWecom } from "../wecom-crypto.ts";

export const readWecom: Reader = (body) => {
  if (body === "") return null;
  const encrypted = elementOf(body, "Encrypt");
  const [timestamp, nonce] = [elementOf(body, "TimeStamp"), elementOf(body, "Nonce")];
  const expected = signatureOfWecom(CHAT_KEYS.wecomToken, timestamp, nonce, encrypted);
  if (elementOf(body, "MsgSignature") !== expected) throw new Error("its signature does not fit");
  const { message, receiver } = decryptWecom(encrypted, CHAT_KEYS.wecomAesKey);
  if (receiver !== CHAT_KEYS.wecomReceiveId) throw new Error("it is for somebody else");
  const paragraphs = elementOf(message, "Content").split("\n\n");
  return {
    to: "you alone",
    groups: paragraphs.map((paragraph) => paragraph.split("\n")),
    isAnnouncement: false,
  };
};

function elementOf(xml: string, name: string): string {
  const [, rest] = xml.split(`<${name}>`, 2);
  const text = rest?.split(`</${name}>`, 1)[0];
  if (text === undefined) throw new Error(`it has no ${name}`);
  return text.startsWith("<![CDATA[") && text.endsWith("]]>") ? text.slice(9, -3) : text;
}
