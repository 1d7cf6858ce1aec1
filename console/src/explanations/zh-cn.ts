import type { Explanations } from "./explanation.ts";

const OPERATOR = "您的输入没有问题。请将请求 ID 提供给本服务的管理员。";
const WAIT = "您的输入没有问题。请稍候重试。";
const PASSING = "通常会自行恢复；如果持续出现，管理员可凭请求 ID 查明原因。";

export const ZH: Explanations = {
  INVALID_REQUEST: {
    what: "无法查询。",
    todo: "请修正下列问题后重试。",
    means: "名称、ID 或筛选条件的格式不符合要求，因此没有向华为云查询。",
  },
  UNAUTHENTICATED: {
    what: "您尚未登录。",
    todo: "请重新登录，您输入的内容会保留。",
    means: "本服务无法确认您的身份，因此没有查询。",
  },
  SESSION_EXPIRED: {
    what: "登录已失效。",
    todo: "请重新登录，您输入的内容会保留。",
    means:
      "出于安全考虑，登录有时间限制。如果刚登录就再次出现，说明页面与服务的令牌配置不一致，请告知管理员。",
  },
  FORBIDDEN: {
    what: "您没有查询权限。",
    todo: "请向本服务的管理员申请权限。",
    means: "您已登录，但没有规则允许您使用此配置档或筛选条件。无论该配置档是否存在，答复都相同。",
  },
  NOT_ALLOWED: {
    what: "请求未获准到达服务。",
    todo: "请向本服务的管理员申请权限。",
    means: "服务前面的网关拒绝了请求，服务本身没有收到。",
  },
  NOT_FOUND: {
    what: "没有这个配置档。",
    todo: "请检查筛选条件中的配置档。",
    means: "一个配置档对应本服务已知的一个华为云项目，其名称由管理员设定。",
  },
  DESKTOP_NOT_FOUND: {
    what: "华为云没有这个桌面。",
    todo: "请检查拼写；如有多个配置档，也请检查配置档。",
    means: "该桌面可能已被删除或改名，或属于其他项目或区域。已删除的桌面在华为云不再有记录。",
  },
  AMBIGUOUS_NAME: {
    what: "有多个桌面使用此名称。",
    todo: "请选择一个。",
    means: "华为云允许桌面重名。每个桌面都有各自的 ID 和记录。",
  },
  UPSTREAM_THROTTLED: {
    what: "华为云限制了查询频率。",
    todo: WAIT,
    means: "本服务的所有用户共用一个限额（每分钟 200 次）。尚未查询的桌面不再查询，以免延长等待。",
  },
  TOO_MANY_REQUESTS: {
    what: "同时查询过多。",
    todo: WAIT,
    means: "服务前面的网关每秒只放行一定数量的请求。没有数据丢失。",
  },
  SECRET_INVALID: {
    what: "本服务的配置不正确。",
    todo: OPERATOR,
    means: "本服务保存的华为云密钥格式无法读取，需要管理员更正。",
  },
  CREDENTIALS_REFUSED: {
    what: "华为云拒绝了本服务的密钥。",
    todo: OPERATOR,
    means: "密钥已在华为云被删除、停用或更换，需要管理员更新。",
  },
  PERMISSION_DENIED: {
    what: "本服务在华为云没有读取权限。",
    todo: OPERATOR,
    means: "本服务在华为云的用户缺少权限。按名称查找比按 ID 查询多需要一项权限，因此按 ID 查询也许可行。",
  },
  UPSTREAM_MISCONFIGURED: {
    what: "本服务指向了错误的位置。",
    todo: OPERATOR,
    means: "华为云的区域、项目或地址配置有误，或该处未开通 Workspace。",
  },
  UPSTREAM_REJECTED: {
    what: "华为云拒绝了此次查询。",
    todo: OPERATOR,
    means: "华为云给出的原因记录在本服务的日志中，可凭请求 ID 查找。",
  },
  UPSTREAM_INVALID_RESPONSE: {
    what: "无法读取华为云的应答。",
    todo: WAIT,
    means: `应答不完整或不符合华为云的文档，我们没有把它当作“无人被解绑”。${PASSING}`,
  },
  SECRET_UNAVAILABLE: {
    what: "本服务无法取得密钥。",
    todo: WAIT,
    means: `AWS 没有给出所保存的密钥。${PASSING}`,
  },
  UPSTREAM_UNAVAILABLE: {
    what: "华为云暂时出现故障。",
    todo: WAIT,
    means: `华为云返回了自身的故障。${PASSING}`,
  },
  UPSTREAM_UNREACHABLE: {
    what: "无法连接华为云。",
    todo: WAIT,
    means: `本服务与华为云之间的连接失败。${PASSING}`,
  },
  UPSTREAM_TIMEOUT: {
    what: "华为云未能及时应答。",
    todo: WAIT,
    means: `本服务只等待几秒，之后如实告知，而不让您一直等待。${PASSING}`,
  },
  DEADLINE_EXCEEDED: {
    what: "查询耗时过长。",
    todo: WAIT,
    means: `所有尝试合计只有几秒，现已用尽。${PASSING}`,
  },
  SERVICE_UNAVAILABLE: {
    what: "本服务没有应答。",
    todo: WAIT,
    means: `服务正在启动、繁忙或出现故障，由网关代为答复。${PASSING}`,
  },
  NO_CONNECTION: {
    what: "本页面无法连接服务。",
    todo: "请检查网络后重试。",
    means: "浏览器没有收到任何应答：没有网络、VPN 未连接，或受到代理影响。",
  },
  STOPPED: {
    what: "未查询。",
    todo: "在得到答复之前您已停止查询。",
    means: "此次查询没有得到该桌面的任何信息。在表格中标记为 STOPPED。",
  },
  SIGN_IN_FAILED: {
    what: "登录失败。",
    todo: "请再次登录。如果仍然失败，请将下面的代码告知管理员。",
    means: "登录服务拒绝了请求、登录被取消，或返回了本页面没有请求的内容。没有任何人登录。",
  },
  SIGN_IN_UNREACHABLE: {
    what: "无法连接登录服务。",
    todo: "请检查网络后重试。",
    means: "本页面无法读取登录服务的说明，因此不能转到登录页面。",
  },
  OTHER: {
    what: "本服务出现问题。",
    todo: OPERATOR,
    means: "这种情况不应出现。管理员可凭请求 ID 在日志中查明原因。",
  },
};
