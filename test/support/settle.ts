export { settle } from "../../deploy/settle.ts";
