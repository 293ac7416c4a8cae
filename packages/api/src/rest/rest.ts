import type { Reason } from '@it0/contracts/reasons';
import type { OpenApiMeta, OpenApiMethod } from 'trpc-to-openapi';
import type { z } from 'zod';

/**
 * What the document for clients without tRPC says of a procedure. The schema of the answer stands here and is no
 * `.output()`: that the answer is so, the compiler has seen to, and nothing shall look through a long history again.
 */
export type RestMeta = OpenApiMeta<{ answer?: z.ZodType; refusals?: Reason[] }>;

type Said = {
  /** What a generated client calls it. */
  operationId: string;
  summary: string;
  description?: string;
  /** None when there is nothing to answer. */
  answer?: z.ZodType;
  /** Its own; those that every procedure has go without saying. */
  refusals?: Reason[];
};

/** Lets a procedure answer at a path too, below `/api/v1`: `{x}` in it is the input's `x`. */
export function rest(route: `${OpenApiMethod} /${string}`, { answer, refusals, ...said }: Said): RestMeta {
  const [method, path] = route.split(' ') as [OpenApiMethod, `/${string}`];
  return { openapi: { method, path, tags: [path.split('/')[1]!], errorResponses: {}, ...said }, answer, refusals };
}
