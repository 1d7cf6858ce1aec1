/** Something that whoever started this must mend; its message is one line that says what. */
export class BadSetup extends Error {
  override readonly name = "BadSetup";
}
