export { bindingKey } from "../ledger/binding-key.ts";
