import { Attachment } from '@it0/contracts/attachment';
import { ErrorResponse } from '@it0/contracts/error-response';
import { Transcription } from '@it0/contracts/transcription';
import type { AnyTRPCRouter } from '@trpc/server';
import { generateOpenApiDocument, type OpenAPIObject } from 'trpc-to-openapi';
import { z } from 'zod';
import { appRouter } from '../router.ts';
import { attachmentPaths, attachmentSchemas } from './attachments.ts';
import { description } from './description.ts';
import { errorResponses } from './error-responses.ts';
import type { RestMeta } from './rest.ts';
import { simplifyForCodegen } from './simplify-for-codegen.ts';
import { transcriptionPaths } from './transcriptions.ts';

export type Document = OpenAPIObject;

type Content = { 'application/json': { schema: object } };
type Response = { description: string; content?: Content };
type Operation = {
  operationId: string;
  parameters?: { in: string; name: string; schema: { type?: string } }[];
  requestBody?: { content: Content };
  responses: Record<number, Response>;
};
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Creates the OpenAPI document of all procedures with a REST route, and of the routes that transfer files. `url` is the base of all paths. */
export function createOpenApiDocument(url: string): Document {
  const document = simplifyForCodegen(
    generateOpenApiDocument(withOutputs(appRouter), {
      ...{ title: 'IT0', version: '1.0.0', openApiVersion: '3.1.0', description, baseUrl: url },
      tags: ['agent', 'auth', 'voice'],
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key.' },
        bearer: { type: 'http', scheme: 'bearer', description: 'The token of a login session, or an API key.' },
      },
      defs: { Failure: ErrorResponse, Attachment, Transcription },
    }),
  ) as Document;
  const schemas = document.components!.schemas!;
  for (const { operation } of iterateOperations(document)) {
    const { operationId, parameters, requestBody, responses } = operation;
    if (requestBody) {
      const content = requestBody.content['application/json'];
      content.schema = addSchema(schemas, operationId, content.schema);
    }
    const accepts = { input: Boolean(parameters?.length || requestBody), body: Boolean(requestBody) };
    operation.responses = {
      ...toSuccessResponse(responses[200]!),
      ...errorResponses(byOperation.get(operationId)!.errors, accepts),
    };
  }
  Object.assign(schemas, attachmentSchemas);
  document.paths = { ...document.paths, ...attachmentPaths, ...transcriptionPaths };
  return document;
}

/** REST route of a procedure. */
export type RestOperation = {
  path: string;
  method: Method;
  procedure: string;
  hasBody: boolean;
  /** Names of the numeric parameters. */
  numbers: string[];
};

/** Lists the operations of the document that are implemented by a procedure. */
export const listRestOperations = (document: Document): RestOperation[] =>
  [...iterateOperations(document)].flatMap(
    ({ path, method, operation: { operationId, parameters = [], requestBody } }) => {
      const procedure = byOperation.get(operationId)?.procedure;
      const numbers = parameters.filter(({ schema }) => schema.type === 'integer').map(({ name }) => name);
      return procedure ? [{ path, method, procedure, hasBody: Boolean(requestBody), numbers }] : [];
    },
  );

function* iterateOperations({ paths = {} }: Document) {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      yield { path, method: method as Method, operation: operation as Operation };
    }
  }
}

const procedures: Record<string, { _def: { meta?: RestMeta } }> = (appRouter as AnyTRPCRouter)._def.procedures;

const byOperation = new Map(
  Object.entries(procedures).flatMap(([procedure, { _def }]) => {
    const { openapi, errors = [] } = _def.meta ?? {};
    return openapi ? [[openapi.operationId, { procedure, errors }] as const] : [];
  }),
);

/** Returns the router with the response schemas in the place of `.output()`, where the generator reads them. */
function withOutputs(router: typeof appRouter): typeof appRouter {
  const documented = Object.entries(procedures).map(([name, { _def }]) => [
    name,
    { _def: { ..._def, output: _def.meta?.response ?? z.void() } },
  ]);
  return { ...router, _def: { ...router._def, procedures: Object.fromEntries(documented) } };
}

/** Adds a schema under the name of its operation. Returns the reference to it. */
function addSchema(schemas: Record<string, object>, operationId: string, schema: object) {
  const name = operationId[0]!.toUpperCase() + operationId.slice(1);
  schemas[name] = schema;
  return { $ref: `#/components/schemas/${name}` };
}

/** Returns the success response: 200, or 204 when there is no content. */
function toSuccessResponse({ content }: Response): Record<number, Response> {
  const isEmpty = !content || Object.keys(content['application/json'].schema).length === 0;
  return isEmpty
    ? { 204: { description: 'Success, without content.' } }
    : { 200: { description: 'Success.', content } };
}
