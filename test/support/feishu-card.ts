import * as z from "zod";

// What we use of card JSON 2.0, where an unknown property is an error:
// https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
const plain = z.strictObject({
  tag: z.literal("plain_text"),
  content: z.string(),
  text_size: z.literal("notation").optional(),
});

export const feishuCardSchema = z.strictObject({
  schema: z.literal("2.0"),
  config: z.strictObject({
    update_multi: z.literal(true),
    summary: z.strictObject({ content: z.string().min(1) }),
  }),
  header: z.strictObject({ template: z.enum(["blue", "green", "grey", "orange"]), title: plain }),
  body: z.strictObject({
    elements: z.array(
      z.union([
        z.strictObject({ tag: z.literal("div"), text: plain }),
        z.strictObject({ tag: z.literal("markdown"), content: z.string() }),
      ]),
    ),
  }),
});
