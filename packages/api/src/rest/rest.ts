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

/**
 * Describes the REST route of a procedure, below `/api/v1`. A path parameter `{x}` is the field `x` of the input. A
 * procedure has a route if an API key can call it, unless it is a subscription, or public, such as those for signing in.
 */
export function rest(route: `${OpenApiMethod} /${string}`, { response, errors, ...options }: RestOptions): RestMeta {
  const [method, path] = route.split(' ') as [OpenApiMethod, `/${string}`];
  return { openapi: { method, path, tags: [path.split('/')[1]!], errorResponses: {}, ...options }, response, errors };
}
