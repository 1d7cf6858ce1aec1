import type { BatchAnswer, Result } from "../contract/answers.ts";

/** The same without who it was. Copies: the rows belong to the cache, and others may see them. */
export function hideUsers<R extends Result>(result: R): R {
  return {
    ...result,
    last_user_id: null,
    last_user_name: null,
    unbindings: result.unbindings.map((row) => ({ ...row, user_id: null, user_name: null })),
  };
}

export function hideUsersInBatch(answer: BatchAnswer): BatchAnswer {
  return { ...answer, results: answer.results.map((item) => (item.ok ? hideUsers(item) : item)) };
}
