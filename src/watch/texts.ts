import type { Language } from "../chat/language.ts";

/** Every sentence that the watch tells people. Each title has the word "Unbound": a robot may ask for a keyword. */
export interface WatchTexts {
  title: (count: number) => string;
  /** For a message that is about the watch itself. */
  about: string;
  /** In one line: who, from which desktop. */
  summary: (user: string, desktop: string, others: number) => string;
  someone: string;
  someDesktop: string;
  group: string;
  unconfirmed: string;
  unknownTime: (text: string) => string;
  /** The upstream gave no time; the watch saw it then. */
  seenAt: (time: string) => string;
  more: (count: number) => string;
  watching: (fleets: readonly { profile: string; desktops: number }[]) => string;
  blind: (profile: string, since: string) => string;
  seesAgain: (profile: string, since: string) => string;
  hello: string;
}

const english: WatchTexts = {
  title: (count) => (count === 1 ? "Unbound: 1 user or group" : `Unbound: ${count} users or groups`),
  about: "Unbound: the watch",
  summary: (user, desktop, others) =>
    others === 0 ? `${user} was unbound from ${desktop}` : `${user} from ${desktop}, and ${others} more`,
  someone: "someone",
  someDesktop: "a desktop",
  group: "group",
  unconfirmed: "not confirmed",
  unknownTime: (text) => `${text} (no time zone)`,
  seenAt: (time) => `seen at ${time}`,
  more: (count) => `and ${count} more`,
  watching: (fleets) =>
    `Watching ${fleets.map(({ profile, desktops }) => `${desktops} ${desktops === 1 ? "desktop" : "desktops"} (${profile})`).join(", ")}. Unbindings are reported here from now on.`,
  blind: (profile, since) =>
    `The list of desktops (${profile}) has not been readable since ${since}. Until it is, unbindings may go unreported.`,
  seesAgain: (profile, since) =>
    `The list of desktops (${profile}) is readable again; it was not since ${since}. What was missed is being caught up.`,
  hello: "This is a test message. Unbindings are reported here.",
};

const chinese: WatchTexts = {
  title: (count) => `Unbound 桌面解绑：${count} 条`,
  about: "Unbound 桌面解绑监控",
  summary: (user, desktop, others) =>
    others === 0 ? `${user} 与 ${desktop} 解绑` : `${user} 与 ${desktop} 解绑，另有 ${others} 条`,
  someone: "某用户",
  someDesktop: "某台桌面",
  group: "用户组",
  unconfirmed: "尚未确认",
  unknownTime: (text) => `${text}（无时区）`,
  seenAt: (time) => `发现于 ${time}`,
  more: (count) => `另有 ${count} 条`,
  watching: (fleets) =>
    `正在监控 ${fleets.map(({ profile, desktops }) => `${desktops} 台桌面（${profile}）`).join("、")}，此后的解绑会发到这里。`,
  blind: (profile, since) => `自 ${since} 起无法读取桌面列表（${profile}），恢复之前的解绑可能不会发送。`,
  seesAgain: (profile, since) =>
    `桌面列表（${profile}）已恢复读取，此前自 ${since} 起无法读取；遗漏的解绑正在补查。`,
  hello: "这是一条测试消息。桌面解绑会发到这里。",
};

const TEXTS: Readonly<Record<Language, WatchTexts>> = { en: english, "zh-CN": chinese };

export function watchTextsIn(language: Language): WatchTexts {
  return TEXTS[language];
}
