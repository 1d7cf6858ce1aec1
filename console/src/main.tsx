import { render } from "preact";
import { App } from "./app.tsx";
import { createSession } from "./sign-in/session.ts";
import { readSettings } from "./sign-in/settings.ts";

const settings = readSettings(document);
const session =
  settings &&
  createSession(settings, {
    storage: () => sessionStorage,
    address: () => new URL(location.href),
    rename: (address) => history.replaceState(null, "", address),
    leaveFor: (address) => location.assign(address),
    now: () => performance.now(),
  });
const opening = session?.open() ?? { form: null, signingIn: null };

render(<App session={session} opening={opening} />, document.getElementById("app") as HTMLElement);
