import { Attachment } from '@it0/contracts/attachment';
import { ErrorResponse } from '@it0/contracts/error-response';
import type { AnyTRPCRouter } from '@trpc/server';
import { generateOpenApiDocument, type OpenAPIObject } from 'trpc-to-openapi';
import { z } from 'zod';
import { appRouter } from '../router.ts';
import { attachmentPaths, attachmentSchemas } from './attachments.ts';
import { description } from './description.ts';
import { errorResponses } from './error-responses.ts';
import type { RestMeta } from './rest.ts';
import { simplifyForCodegen } from './simplify-for-codegen.ts';

export type Document = OpenAPIObject;

type Content = { 'application/json': { schema: object } };
type Answer = { description: string; content?: Content };
type Operation = {
  operationId: string;
  parameters?: { in: string; name: string; schema: { type?: string } }[];
  requestBody?: { content: Content };
  responses: Record<number, Answer>;
};
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The OpenAPI document of all procedures that have a path, and of attachments; `url` is what the paths stand below. */
export function openApiDocument(url: string): Document {
  const document = simplifyForCodegen(
    generateOpenApiDocument(withAnswers(appRouter), {
      ...{ title: 'IT0', version: '1.0.0', openApiVersion: '3.1.0', description, baseUrl: url },
      tags: ['agent', 'auth'],
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'The token of a login, or an API key.' },
      },
      defs: { Failure: ErrorResponse, Attachment },
    }),
  ) as Document;
  const schemas = document.components!.schemas!;
  for (const { operation } of operationsOf(document)) {
    const { operationId, parameters, requestBody, responses } = operation;
    if (requestBody) {
      const content = requestBody.content['application/json'];
      content.schema = named(schemas, operationId, content.schema);
    }
    const takes = { input: Boolean(parameters?.length || requestBody), body: Boolean(requestBody) };
    operation.responses = {
      ...answered(responses[200]!),
      ...errorResponses(byOperation.get(operationId)!.refusals, takes),
    };
  }
  Object.assign(schemas, attachmentSchemas);
  document.paths = { ...document.paths, ...attachmentPaths };
  return document;
}

export type RestOperation = {
  path: string;
  method: Method;
  procedure: string;
  takesBody: boolean;
  /** The parameters that are not text. */
  numbers: string[];
};

/** What can be called: each operation of the document that a procedure answers, with that one. */
export const restOperations = (document: Document): RestOperation[] =>
  [...operationsOf(document)].flatMap(({ path, method, operation: { operationId, parameters = [], requestBody } }) => {
    const procedure = byOperation.get(operationId)?.procedure;
    const numbers = parameters.filter(({ schema }) => schema.type === 'integer').map(({ name }) => name);
    return procedure ? [{ path, method, procedure, takesBody: Boolean(requestBody), numbers }] : [];
  });

function* operationsOf({ paths = {} }: Document) {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      yield { path, method: method as Method, operation: operation as Operation };
    }
  }
}

const procedures: Record<string, { _def: { meta?: RestMeta } }> = (appRouter as AnyTRPCRouter)._def.procedures;

const byOperation = new Map(
  Object.entries(procedures).flatMap(([procedure, { _def }]) => {
    const { openapi, refusals = [] } = _def.meta ?? {};
    return openapi ? [[openapi.operationId, { procedure, refusals }] as const] : [];
  }),
);

/** The router as the document's library wants it: with the schema of each answer where `.output()` puts it. */
function withAnswers(router: typeof appRouter): typeof appRouter {
  const documented = Object.entries(procedures).map(([name, { _def }]) => [
    name,
    { _def: { ..._def, output: _def.meta?.answer ?? z.void() } },
  ]);
  return { ...router, _def: { ...router._def, procedures: Object.fromEntries(documented) } };
}

function named(schemas: Record<string, object>, operationId: string, schema: object) {
  const name = operationId[0]!.toUpperCase() + operationId.slice(1);
  schemas[name] = schema;
  return { $ref: `#/components/schemas/${name}` };
}

/** An answer that is nothing has no content, and is told by a status of its own. */
function answered({ content }: Answer): Record<number, Answer> {
  const isNothing = !content || Object.keys(content['application/json'].schema).length === 0;
  return isNothing ? { 204: { description: 'It is done.' } } : { 200: { description: 'The answer.', content } };
}
