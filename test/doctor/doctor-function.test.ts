import { describe, expect, it } from "vitest";
import { createDoctorFunction } from "../../src/doctor/doctor-function.ts";
import { CHECKS } from "../../src/doctor/report.ts";

describe("the doctor function", () => {
  it("answers a plain event with a report", async () => {
    const report = await createDoctorFunction({})({});
    expect(report).toMatchObject({
      ok: false,
      findings: [{ check: "environment", status: "failed" }, ...CHECKS.slice(1).map(() => ({}))],
    });
  });

  it("throws INVALID_REQUEST for a field that it does not know", async () => {
    const asked = createDoctorFunction({})({ desktop: "d1" }, { awsRequestId: "lambda-0001" });
    await expect(asked).rejects.toMatchObject({ name: "INVALID_REQUEST" });
    await expect(asked).rejects.toThrow(/"code":"INVALID_REQUEST".*"request_id":"lambda-0001"/);
  });

  it("throws INVALID_REQUEST for what is no desktop ID", async () => {
    const asked = createDoctorFunction({})({ desktop_id: "../desktops" });
    await expect(asked).rejects.toThrow('"errors":[{"field":"desktop_id","message":"is no desktop ID"}]');
  });
});
