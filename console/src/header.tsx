import { useState } from "preact/hooks";
import { canShow } from "./glyphs.ts";
import { Icon } from "./icons.tsx";
import type { Language } from "./texts.ts";
import type { Zone } from "./time.ts";
import { useView } from "./view.tsx";

interface HeaderProps {
  onLanguage: (language: Language) => void;
  onZone: (zone: Zone) => void;
  onHelp: () => void;
  /** `null` where nobody signs in. */
  account: { name: string | null; isSignedIn: boolean; onSignIn: () => void; onSignOut: () => void } | null;
}

export function Header({ onLanguage, onZone, onHelp, account }: HeaderProps) {
  const { texts, language, times } = useView();
  const other = language === "zh" ? "en" : "zh";
  return (
    <header class="top no-print">
      <a class="skip" href="#answers">
        {texts.skip}
      </a>
      <div class="brand">
        <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
          <rect x="3" y="5" width="26" height="17" rx="3" />
          <path d="M11 27h10M16 22v5" />
          <path class="gap" d="M9 13.500h4.500m5 0H23" />
        </svg>
        <h1>{texts.title}</h1>
      </div>
      <div class="tools">
        <fieldset class="switch">
          <legend class="unseen">{texts.zone}</legend>
          <button type="button" aria-pressed={times.zone === "local"} onClick={() => onZone("local")}>
            {texts.localZone}
          </button>
          <button type="button" aria-pressed={times.zone === "utc"} onClick={() => onZone("utc")}>
            UTC
          </button>
        </fieldset>
        <button
          type="button"
          class="plain"
          lang={other === "zh" ? "zh-CN" : "en"}
          onClick={() => onLanguage(other)}
        >
          <LanguageName language={other} />
        </button>
        <button type="button" class="icon-button" aria-label={texts.help} title={texts.help} onClick={onHelp}>
          <Icon name="help" />
        </button>
        {account?.isSignedIn && (
          <button
            type="button"
            title={account.name === null ? undefined : texts.signedInAs(account.name)}
            onClick={account.onSignOut}
          >
            {texts.signOut}
          </button>
        )}
        {account && !account.isSignedIn && (
          <button type="button" onClick={account.onSignIn}>
            {texts.signIn}
          </button>
        )}
      </div>
    </header>
  );
}

/** In its own script, but in letters that every device has where there is no font for it. */
function LanguageName({ language }: { language: Language }) {
  const [hasGlyphs] = useState(() => canShow("中文", document));
  if (language === "en") return <>English</>;
  return <>{hasGlyphs ? "中文" : "Chinese"}</>;
}
