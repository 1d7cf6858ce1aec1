import type { Platform } from "./platform.ts";
import { dingtalk } from "./platforms/dingtalk.ts";
import { feishu } from "./platforms/feishu.ts";
import { slack } from "./platforms/slack.ts";
import { teams } from "./platforms/teams.ts";
import { webhook } from "./platforms/webhook.ts";
import { wecom } from "./platforms/wecom.ts";

/** All that is served; a platform without a section in the chat secret answers 404. */
export const PLATFORMS: readonly Platform[] = [slack, teams, feishu, dingtalk, wecom, webhook];
