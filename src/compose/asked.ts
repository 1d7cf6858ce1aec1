import type { Environment } from "../config/environment.ts";
import type { OpenRecall, Recall } from "../recall/ports.ts";
import { type Composition, compose, type Service, type World } from "./service.ts";

/** The parts of a container that is asked what the ledger knows as well, where there is a ledger. */
export function composeAsked(env: Environment, world: World = {}): Composition {
  const composition = compose(env, world);
  const { service } = composition;
  if (!service || service.config.ledgerTable === null) return composition;
  const openRecall = recallOf(service.config.ledgerTable, service, world);
  return { ...composition, service: { ...service, openRecall } };
}

/** In a chunk of its own, as is the client of its table. */
function recallOf(name: string, { guard, wallNow }: Service, { ledger: table }: World): OpenRecall {
  let recall: Promise<Recall> | undefined;
  return () => {
    recall ??= import("./recall.ts").then(({ openRecall }) => openRecall(name, { guard, wallNow, table }));
    return recall;
  };
}
