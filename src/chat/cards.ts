import type { LookupError } from "../contract/errors.ts";
import { VERSION } from "../contract/version.ts";
import type { Card } from "./card.ts";
import { type CommandFault, MAX_TARGETS } from "./command.ts";
import { explainError, makeCard, type Presentation, words } from "./make-card.ts";
import type { Texts } from "./texts/texts.ts";
import { textsIn } from "./texts.ts";

const EXAMPLE_NAME = "WIN-ALICE";
const EXAMPLE_ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
export function helpCard(presentation: Presentation): Card {
  const { language, prefix, offersPublic } = presentation;
  const texts = textsIn(language);
  return makeCard("hint", texts.titles.help, presentation, {
    sections: [
      words(texts.help(offersPublic), [
        `${prefix} ${EXAMPLE_NAME}`,
        `${prefix} ${EXAMPLE_ID} since=30d`,
        `${prefix} ${EXAMPLE_NAME} WIN-BOB limit=20${offersPublic ? " public" : ""}`,
      ]),
    ],
    notes: [texts.usage(prefix, offersPublic), texts.version(VERSION)],
  });
}

/** Nothing was asked for. */
export function usageCard(presentation: Presentation): Card {
  const { language, prefix, offersPublic } = presentation;
  const texts = textsIn(language);
  return makeCard("hint", texts.titles.usage, presentation, {
    sections: [words([texts.whichDesktop, texts.usage(prefix, offersPublic)], [`${prefix} ${EXAMPLE_NAME}`])],
  });
}

export type Mistake = CommandFault | { kind: "wrong-value"; field: string; message: string };

/** All that could not be understood, quoted back. */
export function mistakeCard(mistakes: readonly Mistake[], presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  const lines = mistakes.map((mistake) => explainMistake(mistake, texts, presentation.offersPublic));
  return makeCard("hint", texts.titles.mistake, presentation, {
    sections: [words(lines, [`${presentation.prefix} help`])],
    summary: [texts.titles.mistake, ...lines.slice(0, 1)].join(": "),
  });
}

/** @param offersPublic Whether the word `public` means anything where this is read. */
export function explainMistake(mistake: Mistake, texts: Texts, offersPublic: boolean): string {
  switch (mistake.kind) {
    case "unknown-option": {
      const nearest = mistake.nearest === "public" && !offersPublic ? null : mistake.nearest;
      return texts.unknownOption(mistake.text, nearest, offersPublic);
    }
    case "repeated-option":
      return texts.repeatedOption(mistake.text);
    case "malformed-id":
      return texts.malformedId(mistake.text);
    case "too-many":
      return texts.tooMany(mistake.count, MAX_TARGETS);
    case "wrong-value":
      return texts.wrongValue(mistake.field, mistake.message);
  }
}

/** The words are the same whatever was asked for: nobody learns what there is. */
export function refusalCard(presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  return makeCard("fault", texts.titles.refused, presentation, { sections: [words([texts.notAllowed])] });
}

/** The answer takes longer than the platform waits, and there is no way to send it later. */
export function askAgainCard(presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  return makeCard("hint", texts.titles.later, presentation, {
    sections: [words([texts.stillLookingAskAgain])],
  });
}

/** The question itself could not be dealt with. */
export function faultCard(error: LookupError, presentation: Presentation): Card {
  const texts = textsIn(presentation.language);
  return makeCard("fault", texts.titles.fault, presentation, {
    sections: [words([explainError(error, texts)])],
  });
}
