import type { Unbinding } from "../../src/contract/answers.ts";
import { Copy } from "./copy.tsx";
import { Icon } from "./icons.tsx";
import { EMPTY_QUESTION, writeLink } from "./link.ts";
import { visible } from "./plain.ts";
import { rowId } from "./row-id.ts";
import { createTimes } from "./time.ts";
import { typeText } from "./type-text.ts";
import { useView } from "./view.tsx";

/** All of a row, each value to be copied by itself. */
export function RowDetails({ row, profile }: { row: Unbinding; profile: string }) {
  const { texts, language, copy } = useView();
  const at = row.unbound_at === null ? null : Date.parse(row.unbound_at);
  const timeIn = (zone: "local" | "utc") => (at === null ? null : createTimes(language, zone).absolute(at));
  const values: [label: string, shown: string, copied: string | null][] = [
    [texts.localTime, timeIn("local") ?? "", timeIn("local")],
    [texts.utcTime, row.unbound_at ?? "", row.unbound_at],
    [texts.rawTime, visible(row.detach_time), row.detach_time],
    [texts.who, visible(row.user_name), row.user_name],
    [texts.userId, visible(row.user_id), row.user_id],
    [texts.as, typeText(row.type, texts), row.type],
    [texts.group, visible(row.user_group), row.user_group],
    [texts.desktop, visible(row.desktop_name), row.desktop_name],
    [texts.desktopId, visible(row.desktop_id), row.desktop_id],
  ];
  async function copyLink(): Promise<void> {
    const search = writeLink({ ...EMPTY_QUESTION, profile }, [row.desktop_id ?? ""]);
    copy(`${location.origin}${location.pathname}${search}#row-${await rowId(profile, row)}`);
  }
  return (
    <>
      <dl>
        {values
          .filter(([, shown]) => shown !== "")
          .map(([label, shown, copied]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <span>{shown}</span>
                <Copy text={copied ?? shown} what={label} />
              </dd>
            </div>
          ))}
      </dl>
      {row.desktop_id !== null && (
        <button type="button" class="no-print" onClick={() => void copyLink()}>
          <Icon name="link" /> {texts.rowLink}
        </button>
      )}
    </>
  );
}
