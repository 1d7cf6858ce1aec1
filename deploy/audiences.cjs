/** `jwtAudience` as the gateway takes it: a list. */
module.exports = async ({ resolveVariable }) => {
  const audience = await resolveVariable("param:jwtAudience");
  return String(audience)
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
};
