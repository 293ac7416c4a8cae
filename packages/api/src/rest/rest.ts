import type { RequestReason } from '@it0/contracts/reasons';
import type { OpenApiMeta, OpenApiMethod } from 'trpc-to-openapi';
import type { z } from 'zod';

/**
 * REST metadata of a procedure. The schema of the response is metadata and no `.output()`: the compiler has checked the
 * type, and validating a long history again at run time would be slow.
 */
export type RestMeta = OpenApiMeta<{ response?: z.ZodType; errors?: RequestReason[] }>;

type RestOptions = {
  /** Name of the method in generated clients. */
  operationId: string;
  summary: string;
  description?: string;
  /** Undefined when the response has no content. */
  response?: z.ZodType;
  /** Reasons of this procedure, besides those that all procedures share. */
  errors?: RequestReason[];
};

/** Adds a REST route below `/api/v1` to a procedure. A path parameter `{x}` is the field `x` of the input. */
export function rest(route: `${OpenApiMethod} /${string}`, { response, errors, ...options }: RestOptions): RestMeta {
  const [method, path] = route.split(' ') as [OpenApiMethod, `/${string}`];
  return { openapi: { method, path, tags: [path.split('/')[1]!], errorResponses: {}, ...options }, response, errors };
}
