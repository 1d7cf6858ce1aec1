/** A server that a test has opened. */
export interface Opened {
  /** Connections on which the client waits no more, and which it has not closed. */
  unanswered: () => number;
  close: () => Promise<void>;
}

const opened: Opened[] = [];

/** Has a server closed when whatever needs it is over. */
export function onClose(server: Opened): void {
  opened.push(server);
}

/** All that have been opened since the last time. */
export function takeOpened(): Opened[] {
  return opened.splice(0);
}
