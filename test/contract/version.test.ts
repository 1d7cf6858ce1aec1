import { expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { VERSION } from "../../src/contract/version.ts";

it("says the version that the package has", () => {
  expect(VERSION).toBe(packageJson.version);
});
