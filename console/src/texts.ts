export type Language = "en" | "zh";

const EN = {
  title: "Desktop unbindings",
  lead: "Who was unbound from a Huawei Cloud Workspace desktop, and when.",
  otherLanguage: "中文",
  desktops: "Desktop names or IDs",
  desktopsHint: "One or several, separated by blanks, commas or lines. Example: WIN-ALICE.",
  filters: "Filters",
  since: "Since",
  sinceAny: "all time",
  since1d: "last 24 hours",
  since7d: "last 7 days",
  since30d: "last 30 days",
  since90d: "last 90 days",
  since365d: "last year",
  user: "User name or ID",
  type: "Unbound as",
  typeAny: "user or group",
  typeUser: "user",
  typeGroup: "group",
  profile: "Profile",
  profileHint: "Leave empty for the default one.",
  look: "Look up",
  stop: "Stop",
  copyLink: "Copy link",
  copyCsv: "Copy all as CSV",
  copied: "Copied.",
  notCopied: "Copying is not allowed here.",
  progress: (done: number, all: number) => `${done} of ${all} looked up`,
  finished: (found: number, all: number) => `${found} of ${all} found`,
  noTarget: "Which desktop? Type a name or an ID.",
  tooMany: (max: number) => `At most ${max} desktops at once.`,
  lastUnbound: "Last unbound:",
  nobody: "Nobody was unbound from this desktop.",
  nobodyFiltered: "No unbinding matches the filters.",
  someone: "unknown user",
  shown: (count: number, total: number) => (count === total ? `${total} unbindings` : `${count} of ${total}`),
  shownOne: "1 unbinding",
  asOf: (seconds: number) => `as of ${seconds} seconds ago`,
  when: "When",
  who: "Who",
  group: "Permissions",
  as: "As",
  userId: "User ID",
  unreadable: "time zone unknown",
  noTime: "time unknown",
  timeline: "Timeline",
  rows: "Table of unbindings",
  timelineOf: (users: number, marks: number, from: string, to: string) =>
    `${marks} unbindings of ${users} users between ${from} and ${to}. The table below says the same.`,
  hiddenLanes: (count: number) => `and ${count} more users in the table`,
  requestId: "Request ID",
  tryAgain: "Try again",
  tryAgainIn: (seconds: number) => `It makes sense to try again in ${seconds} seconds.`,
  choose: "Several desktops bear this name. Which one?",
  keyboard: "Press Enter to look up; Shift+Enter starts a new line.",
};

export type Texts = typeof EN;

const ZH: Texts = {
  title: "桌面解绑记录",
  lead: "查询华为云云桌面（Workspace）的哪些用户在何时被解绑。",
  otherLanguage: "English",
  desktops: "桌面名称或 ID",
  desktopsHint: "可输入一个或多个，用空格、逗号或换行分隔。例如：WIN-ALICE。",
  filters: "筛选条件",
  since: "时间范围",
  sinceAny: "全部时间",
  since1d: "最近 24 小时",
  since7d: "最近 7 天",
  since30d: "最近 30 天",
  since90d: "最近 90 天",
  since365d: "最近一年",
  user: "用户名或用户 ID",
  type: "解绑对象",
  typeAny: "用户或用户组",
  typeUser: "用户",
  typeGroup: "用户组",
  profile: "配置档",
  profileHint: "留空则使用默认配置档。",
  look: "查询",
  stop: "停止",
  copyLink: "复制链接",
  copyCsv: "全部复制为 CSV",
  copied: "已复制。",
  notCopied: "此处不允许复制。",
  progress: (done, all) => `已查询 ${done} / ${all}`,
  finished: (found, all) => `共 ${all} 个，找到 ${found} 个`,
  noTarget: "要查询哪个桌面？请输入名称或 ID。",
  tooMany: (max) => `一次最多查询 ${max} 个桌面。`,
  lastUnbound: "最近一次解绑：",
  nobody: "该桌面没有任何用户被解绑。",
  nobodyFiltered: "没有符合筛选条件的解绑记录。",
  someone: "未知用户",
  shown: (count, total) => (count === total ? `${total} 条解绑记录` : `显示 ${count} 条，共 ${total} 条`),
  shownOne: "1 条解绑记录",
  asOf: (seconds) => `${seconds} 秒前的数据`,
  when: "时间",
  who: "用户",
  group: "权限",
  as: "对象",
  userId: "用户 ID",
  unreadable: "时区未知",
  noTime: "时间未知",
  timeline: "时间线",
  rows: "解绑记录表",
  timelineOf: (users, marks, from, to) =>
    `${from} 至 ${to}，${users} 个用户的 ${marks} 次解绑。下表内容相同。`,
  hiddenLanes: (count) => `另有 ${count} 个用户，见下表`,
  requestId: "请求 ID",
  tryAgain: "重试",
  tryAgainIn: (seconds) => `请在 ${seconds} 秒后重试。`,
  choose: "有多个桌面使用此名称，请选择：",
  keyboard: "按 Enter 查询，按 Shift+Enter 换行。",
};

const TEXTS: Record<Language, Texts> = { en: EN, zh: ZH };

export function textsFor(language: Language): Texts {
  return TEXTS[language];
}

/** The reader's language, as the browser tells it. */
export function preferredLanguage(languages: readonly string[]): Language {
  const first = languages.find((language) => /^(?:zh|en)\b/i.test(language));
  return first?.toLowerCase().startsWith("zh") ? "zh" : "en";
}

interface Explanation {
  what: string;
  todo: string;
}

const NOT_YOUR_FAULT: Record<Language, string> = {
  en: "Nothing is wrong with what you typed. Give the request ID to the operator of this service.",
  zh: "您的输入没有问题。请将请求 ID 提供给本服务的管理员。",
};
const WAIT: Record<Language, string> = {
  en: "Nothing is wrong with what you typed. Wait a moment and try again.",
  zh: "您的输入没有问题。请稍候重试。",
};

/** Every error code in plain words: what happened, and what to do. A code without a line here gets the last one. */
const EXPLANATIONS: Record<Language, Record<string, Explanation>> = {
  en: {
    INVALID_REQUEST: { what: "This cannot be looked up.", todo: "Mend what is named below and try again." },
    UNAUTHENTICATED: { what: "You are not signed in.", todo: "Sign in again and reload this page." },
    FORBIDDEN: { what: "You may not ask for this.", todo: "Ask the operator of this service for access." },
    NOT_FOUND: { what: "There is no such profile.", todo: "Check the profile in the filters." },
    DESKTOP_NOT_FOUND: {
      what: "Huawei Cloud knows no such desktop.",
      todo: "Check the spelling, and the profile if you have several.",
    },
    AMBIGUOUS_NAME: { what: "Several desktops bear this name.", todo: "Choose one." },
    UPSTREAM_THROTTLED: { what: "Huawei Cloud limits how often we may ask.", todo: WAIT.en },
    SECRET_INVALID: { what: "This service is not set up correctly.", todo: NOT_YOUR_FAULT.en },
    CREDENTIALS_REFUSED: { what: "Huawei Cloud refuses this service's key.", todo: NOT_YOUR_FAULT.en },
    PERMISSION_DENIED: { what: "This service may not read that at Huawei Cloud.", todo: NOT_YOUR_FAULT.en },
    UPSTREAM_MISCONFIGURED: { what: "This service is set up for the wrong place.", todo: NOT_YOUR_FAULT.en },
    UPSTREAM_REJECTED: { what: "Huawei Cloud rejected the question.", todo: NOT_YOUR_FAULT.en },
    UPSTREAM_INVALID_RESPONSE: { what: "Huawei Cloud's answer could not be read.", todo: WAIT.en },
    SECRET_UNAVAILABLE: { what: "This service cannot get at its key.", todo: WAIT.en },
    UPSTREAM_UNAVAILABLE: { what: "Huawei Cloud has a fault at the moment.", todo: WAIT.en },
    UPSTREAM_UNREACHABLE: { what: "Huawei Cloud cannot be reached.", todo: WAIT.en },
    UPSTREAM_TIMEOUT: { what: "Huawei Cloud did not answer in time.", todo: WAIT.en },
    DEADLINE_EXCEEDED: { what: "The look-up took too long.", todo: WAIT.en },
    NO_CONNECTION: { what: "This page cannot reach its service.", todo: "Check your network and try again." },
    OTHER: { what: "Something went wrong on our side.", todo: NOT_YOUR_FAULT.en },
  },
  zh: {
    INVALID_REQUEST: { what: "无法查询。", todo: "请修正下列问题后重试。" },
    UNAUTHENTICATED: { what: "您尚未登录。", todo: "请重新登录并刷新页面。" },
    FORBIDDEN: { what: "您没有查询权限。", todo: "请向本服务的管理员申请权限。" },
    NOT_FOUND: { what: "没有这个配置档。", todo: "请检查筛选条件中的配置档。" },
    DESKTOP_NOT_FOUND: { what: "华为云没有这个桌面。", todo: "请检查拼写；如有多个配置档，也请检查配置档。" },
    AMBIGUOUS_NAME: { what: "有多个桌面使用此名称。", todo: "请选择一个。" },
    UPSTREAM_THROTTLED: { what: "华为云限制了查询频率。", todo: WAIT.zh },
    SECRET_INVALID: { what: "本服务的配置不正确。", todo: NOT_YOUR_FAULT.zh },
    CREDENTIALS_REFUSED: { what: "华为云拒绝了本服务的密钥。", todo: NOT_YOUR_FAULT.zh },
    PERMISSION_DENIED: { what: "本服务在华为云没有读取权限。", todo: NOT_YOUR_FAULT.zh },
    UPSTREAM_MISCONFIGURED: { what: "本服务指向了错误的位置。", todo: NOT_YOUR_FAULT.zh },
    UPSTREAM_REJECTED: { what: "华为云拒绝了此次查询。", todo: NOT_YOUR_FAULT.zh },
    UPSTREAM_INVALID_RESPONSE: { what: "无法读取华为云的应答。", todo: WAIT.zh },
    SECRET_UNAVAILABLE: { what: "本服务无法取得密钥。", todo: WAIT.zh },
    UPSTREAM_UNAVAILABLE: { what: "华为云暂时出现故障。", todo: WAIT.zh },
    UPSTREAM_UNREACHABLE: { what: "无法连接华为云。", todo: WAIT.zh },
    UPSTREAM_TIMEOUT: { what: "华为云未能及时应答。", todo: WAIT.zh },
    DEADLINE_EXCEEDED: { what: "查询耗时过长。", todo: WAIT.zh },
    NO_CONNECTION: { what: "本页面无法连接服务。", todo: "请检查网络后重试。" },
    OTHER: { what: "本服务出现问题。", todo: NOT_YOUR_FAULT.zh },
  },
};

export function explain(code: string, language: Language): Explanation {
  const explanations = EXPLANATIONS[language];
  return explanations[code] ?? (explanations["OTHER"] as Explanation);
}
