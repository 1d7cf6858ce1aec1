import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBound, readInstant, rewriteInstant, writeInstant } from "../../src/time/instant.ts";
import { RUNS } from "../support/runs.ts";

const EARLIEST = Date.parse("0000-01-01T00:00:00.000Z");
const LATEST = Date.parse("9999-12-31T23:59:59.999Z");
const writable = fc.integer({ min: EARLIEST, max: LATEST });

const read = (text: string) => {
  const instant = readInstant(text);
  if (instant === null) return null;
  const written = writeInstant(instant);
  expect(rewriteInstant(text, instant)).toBe(written);
  return written;
};

describe("reading an upstream's time", () => {
  it.each([
    ["2022-05-11T11:45:42.000Z", "2022-05-11T11:45:42.000Z"],
    ["2022-05-11T11:45:42Z", "2022-05-11T11:45:42.000Z"],
    ["2016-08-20T21:11Z", "2016-08-20T21:11:00.000Z"],
    ["2020-01-08T02:56:19.587000Z", "2020-01-08T02:56:19.587Z"],
    ["2020-01-08T03:16:01:599000Z", "2020-01-08T03:16:01.599Z"],
    ["2020-01-08T03:16:01,5Z", "2020-01-08T03:16:01.500Z"],
    ["2020-01-08T03:16:01.123456789Z", "2020-01-08T03:16:01.123Z"],
    ["2022-05-11t11:45:42z", "2022-05-11T11:45:42.000Z"],
    ["2022-05-11 11:45:42 UTC", "2022-05-11T11:45:42.000Z"],
    ["2022-05-11 11:45:42GMT", "2022-05-11T11:45:42.000Z"],
    ["2022-05-11T11:45:42+08:00", "2022-05-11T03:45:42.000Z"],
    ["2022-05-11T11:45:42+0800", "2022-05-11T03:45:42.000Z"],
    ["2022-05-11 11:45:42+08", "2022-05-11T03:45:42.000Z"],
    ["2022-05-11 11:45:42 -03:30", "2022-05-11T15:15:42.000Z"],
    ["2022-05-11T11:45:42+23:59", "2022-05-10T11:46:42.000Z"],
    ["2022-05-11T23:59:59-00:00", "2022-05-11T23:59:59.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["1652269542000", "2022-05-11T11:45:42.000Z"],
    ["  2022-05-11T11:45:42Z\n", "2022-05-11T11:45:42.000Z"],
    [" 1652269542000 ", "2022-05-11T11:45:42.000Z"],
    ["100000000000", "1973-03-03T09:46:40.000Z"],
    ["253402300799999", "9999-12-31T23:59:59.999Z"],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
  ])("reads %j", (text, instant) => {
    expect(read(text)).toBe(instant);
  });

  it.each([
    ["no zone, a blank between", "2022-01-25 09:24:27"],
    ["no zone, a T between", "2022-01-25T09:24:27"],
    ["a date alone", "2022-01-25"],
    ["a date with a zone but no time", "2022-01-25Z"],
    ["an hour alone", "2022-01-25T09Z"],
    ["seconds since the epoch", "1652269542"],
    ["eleven digits", "99999999999"],
    ["twelve digits that begin with a nought", "099999999999"],
    ["milliseconds past the year 9999", "253402300800000"],
    ["sixteen digits", "1652269542000000"],
    ["sixteen digits that begin with noughts", "0001652269542000"],
    ["a fraction of a millisecond", "1652269542000.5"],
    ["negative milliseconds", "-1652269542000"],
    ["30 February", "2022-02-30T00:00:00Z"],
    ["29 February of a common year", "2023-02-29T00:00:00Z"],
    ["29 February of a common century", "1900-02-29T00:00:00Z"],
    ["31 April", "2022-04-31T00:00:00Z"],
    ["a 32nd", "2022-01-32T00:00:00Z"],
    ["a day nought", "2022-01-00T00:00:00Z"],
    ["a month nought", "2022-00-10T00:00:00Z"],
    ["a 13th month", "2022-13-10T00:00:00Z"],
    ["hour 24", "2022-01-25T24:00:00Z"],
    ["minute 60", "2022-01-25T23:60:00Z"],
    ["second 61", "2022-01-25T23:59:61Z"],
    ["an offset of 24 hours", "2022-01-25T00:00:00+24:00"],
    ["an offset of 60 minutes", "2022-01-25T00:00:00+00:60"],
    ["a zone's name", "2022-01-25T00:00:00 CST"],
    ["a year of five digits", "12022-01-25T00:00:00Z"],
    ["a fraction without digits", "2022-01-25T00:00:00.Z"],
    ["a fraction of minutes", "2022-01-25T00:00.5Z"],
    ["two blanks before the zone", "2022-01-25T00:00:00  Z"],
    ["something before it", "at 2022-01-25T00:00:00Z"],
    ["something after it", "2022-01-25T00:00:00Z!"],
    ["digits with something before them", "a1652269542000"],
    ["digits with something after them", "1652269542000a"],
    ["an instant before the year 0", "0000-01-01T00:00:00+00:01"],
    ["an instant past the year 9999", "9999-12-31T23:59:59-00:01"],
    ["an HTTP date", "Tue, 25 Jan 2022 09:24:27 GMT"],
    ["nothing", ""],
    ["words", "yesterday"],
  ])("does not read %s", (_, text) => {
    expect(readInstant(text)).toBeNull();
  });

  it("reads back whatever it writes", () => {
    fc.assert(
      fc.property(writable, (instant) => {
        expect(read(writeInstant(instant))).toBe(writeInstant(instant));
        expect(readInstant(writeInstant(instant))).toBe(instant);
      }),
      { numRuns: RUNS },
    );
  });

  it("reads the same instant at any offset", () => {
    const offset = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 });
    const instant = fc.integer({ min: EARLIEST + 86_400_000, max: LATEST - 86_400_000 });
    fc.assert(
      fc.property(instant, offset, (instant, offset) => {
        const local = writeInstant(instant + offset * 60_000).slice(0, -1);
        const pad = (part: number) => String(part).padStart(2, "0");
        const minutes = Math.abs(offset);
        const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
        expect(readInstant(local + zone)).toBe(instant);
        expect(rewriteInstant(local + zone, instant)).toBe(writeInstant(instant));
      }),
      { numRuns: RUNS },
    );
  });

  it("never throws, and answers with nothing that cannot be written", () => {
    const timeLike = fc.string({
      unit: fc.constantFrom(..."0123456789-:.,TZtz +UTCGM".split("")),
      maxLength: 34,
    });
    fc.assert(
      fc.property(fc.oneof(timeLike, fc.string()), (text) => {
        const instant = readInstant(text);
        if (instant !== null) expect(readInstant(writeInstant(instant))).toBe(instant);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("reading a bound", () => {
  const now = Date.parse("2026-11-24T08:15:30.000Z");
  const bound = (text: string) => {
    const instant = readBound(text, now);
    return instant === null ? null : writeInstant(instant);
  };

  it.each([
    ["30d", "2026-10-25T08:15:30.000Z"],
    ["12h", "2026-11-23T20:15:30.000Z"],
    ["45m", "2026-11-24T07:30:30.000Z"],
    ["0m", "2026-11-24T08:15:30.000Z"],
    ["2026-02-10T08:15:30Z", "2026-02-10T08:15:30.000Z"],
    ["2026-02-10T08:15:30.25+01:00", "2026-02-10T07:15:30.250Z"],
    ["2026-02-10T08:15:30-01:00", "2026-02-10T09:15:30.000Z"],
    ["2026-02-10 08:15:30Z", "2026-02-10T08:15:30.000Z"],
    ["2026-02-10t08:15:30.123456789z", "2026-02-10T08:15:30.123Z"],
  ])("reads %j", (text, instant) => {
    expect(bound(text)).toBe(instant);
  });

  it("reads a blank before the offset as the plus that a query string made of it", () => {
    expect(bound("2026-02-10T08:15:30 01:00")).toBe("2026-02-10T07:15:30.000Z");
  });

  it.each([
    ["no zone", "2026-02-10T08:15:30"],
    ["no seconds", "2026-02-10T08:15Z"],
    ["no time", "2026-02-10"],
    ["no colon in the offset", "2026-02-10T08:15:30+0100"],
    ["a colon before the fraction", "2026-02-10T08:15:30:599Z"],
    ["a date that is none", "2026-02-30T08:15:30Z"],
    ["milliseconds since the epoch", "1652269542000"],
    ["a span of another unit", "30s"],
    ["a span in capitals", "30D"],
    ["a span without a number", "d"],
    ["a negative span", "-30d"],
    ["a span of a fraction", "1.5h"],
    ["a span of seven digits", "1000000m"],
    ["a span back beyond the year 0", "800000d"],
    ["a span with something before it", "x30d"],
    ["a span with something after it", "30dx"],
    ["a time with something before it", "x2026-02-10T08:15:30Z"],
    ["a time with something after it", "2026-02-10T08:15:30Zx"],
    ["blanks round a span", " 30d "],
    ["a blank before a time", " 2026-02-10T08:15:30Z"],
    ["a blank after a time", "2026-02-10T08:15:30Z "],
    ["nothing", ""],
  ])("does not read %s", (_, text) => {
    expect(readBound(text, now)).toBeNull();
  });

  it("reads back every instant that it could have been given", () => {
    fc.assert(
      fc.property(writable, (instant) => {
        expect(readBound(writeInstant(instant), now)).toBe(instant);
      }),
    );
  });
});
