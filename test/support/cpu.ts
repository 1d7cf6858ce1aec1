/** CPU time of this process, user and system, in milliseconds: what a busy machine makes longer is not counted. */
export async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
