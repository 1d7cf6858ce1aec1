import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/contract/query.ts";

describe("a name in a question", () => {
  it("may be any text that a URL can carry", () => {
    const name = "Büro 李 \u{1f600} (1)";
    expect(parseQuery({ desktop_name: name }, 0)).toMatchObject({ desktop: { name } });
  });

  it.each(["desktop_name", "user", "profile"])("is refused with half a surrogate pair: %s", (field) => {
    const input = { desktop_name: "WIN", [field]: "a\ud83d" };
    expect(() => parseQuery(input, 0)).toThrow(
      expect.objectContaining({
        code: "INVALID_REQUEST",
        errors: [{ field, message: "must be well-formed Unicode" }],
      }),
    );
  });
});
