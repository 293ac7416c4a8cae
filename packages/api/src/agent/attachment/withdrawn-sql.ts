/**
 * Returns an SQL condition: the message of the attachment `a` was removed from the queue before any agent received it.
 * The file can be sent again.
 */
export const isWithdrawnSql = (schema: string) => `EXISTS (
  SELECT FROM ${schema}."AgentTask" withdrawn
  WHERE withdrawn."id" = a."taskId" AND withdrawn."status" = 'CANCELLED' AND withdrawn."deadline" IS NULL)`;
