import type { Texts } from "./texts.ts";

const wait = (count: number) => (count < 120 ? `${count} 秒` : `${Math.ceil(count / 60)} 分钟`);

const TIME = "须为带时区的时间（2026-02-10T08:15:30Z）或时间跨度（30d、12h、45m），且 since 不晚于 until";
/** What a value must be: the vocabulary says it in English alone. */
const RULES: Readonly<Record<string, string>> = {
  since: TIME,
  until: TIME,
  limit: "须为 1 到 1000 的整数",
  type: "须为 USER 或 GROUP",
  fresh: "须为 true 或 false",
};

export const chinese: Texts = {
  titles: {
    found: "解绑记录",
    none: "没有解绑记录",
    several: (found, asked) => `${asked} 台中找到 ${found} 台`,
    notFound: "没有这台桌面",
    ambiguous: "请选择其中一台",
    usage: "要查哪台桌面？",
    help: "查询谁在何时与云桌面解绑",
    mistake: "无法理解这条命令",
    refused: "您无权在此查询",
    fault: "这次没有查到",
    later: "正在查询",
  },
  count: (shown, total) =>
    shown < total
      ? `共 ${total} 条，显示最新 ${shown} 条`
      : total === 1
        ? "共 1 条"
        : `共 ${total} 条，最新在前`,
  nobody: (desktop, filters) => `根据华为云的记录，没有用户与 ${desktop} 解绑${filters}。`,
  filters: (typed) => (typed === "" ? "" : `（${typed}）`),
  summary: (desktop, counted, user, time) => `${desktop}：${counted}；最近一次：${user}，${time}`,
  more: "查看更多：",
  moreByTime: "其余记录请用 since= 和 until= 缩小时间范围。",
  notFound: (target, profile) => `${profile === null ? "该项目" : `项目 ${profile} `}中没有桌面 ${target}。`,
  ambiguous: (name, count, offered) =>
    offered < count
      ? `有 ${count} 台桌面名为 ${name}，请选择其中一台重新查询，前 ${offered} 台为：`
      : `有 ${count} 台桌面名为 ${name}，请用以下命令之一重新查询：`,
  notAllowed: "您或此会话不在允许查询的名单中，请联系本服务的管理员添加。",
  ourFault: (code) => `服务账号无法读取云桌面（${code}）。管理员请查阅运维手册。`,
  namesNeedPermission: "按名称查询需要服务账号具有 workspace:desktops:list 权限；用桌面 ID 查询则不需要。",
  tryAgain: (count) =>
    count === null ? "您的命令没有问题，请稍后再试。" : `您的命令没有问题，请在 ${wait(count)}后再试。`,
  stillLooking: "正在查询，结果稍后发到这里。",
  stillLookingAskAgain: "您的命令没有问题，请几秒后再问一次。",
  whichDesktop: "请给出桌面的名称或 ID。",
  usage: (prefix, offersPublic) =>
    `${prefix} <桌面名称或 ID> [更多 …] [since=30d] [limit=20]${offersPublic ? " [public]" : ""}`,
  help: (offersPublic) => [
    "显示哪些用户和用户组在何时与华为云云桌面解绑，以华为云的记录为准。",
    `一次最多 5 台桌面。since 和 until 可用时间跨度（30d、12h、45m）或带时区的时间；limit 为显示条数；user 和 type（USER 或 GROUP）用于筛选${offersPublic ? "；public 让整个会话都看到结果" : ""}。`,
  ],
  unknownOption: (text, nearest, offersPublic) =>
    nearest === null
      ? `“${text}”不是可用选项。可用：since=、until=、user=、type=、limit=${offersPublic ? "、public" : ""}。`
      : `“${text}”不是可用选项。您是想用“${nearest}”吗？`,
  repeatedOption: (name) => `“${name}”给出了多次。`,
  malformedId: (text) => `“${text}”既不是桌面 ID，也不是桌面名称。`,
  tooMany: (count, most) => `一次最多查询 ${most} 台桌面，您给出了 ${count} 台。`,
  wrongValue: (field) =>
    field === "desktop_name"
      ? "名称与此部分相同的桌面太多，请用 ID 查询。"
      : `${field} ${RULES[field] ?? "的值不正确"}。`,
  someone: "某用户",
  group: "用户组",
  unknownTime: (text) => `${text}（无时区）`,
  noTime: "没有记录时间",
  columns: { user: "用户或用户组", time: "解绑时间" },
  timesAreYours: "时间为您所在时区的时间。",
  timesAreIn: (zone) => `时区：${zone}。`,
  profile: (name) => `项目：${name}。`,
  requestId: (id) => `请求 ID：${id}`,
  version: (version) => `workspace-unbindings ${version}`,
};
