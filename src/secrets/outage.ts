/** The cause of a SECRET_UNAVAILABLE that is likely to pass: the store is down, slow or limiting us. */
export class StoreOutage extends Error {
  override readonly name = "StoreOutage";
}
