import { tools } from '@it0/api/mcp/tools';
import { appRouter } from '@it0/api/router';
import { Callback, DecideApproval, TaskRequest, TaskState } from '@it0/contracts/bridge';
import { BridgeLogs, BridgeRequest, BridgeResponses, CheckIn, Enroll } from '@it0/contracts/remote-bridge';
import { z } from 'zod';

/** The subset of JSON Schema that zod generates. */
export type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};

type Procedure = { _def: { type: 'query' | 'mutation' | 'subscription'; inputs: z.ZodType[] } };
export const procedures = appRouter._def.procedures as unknown as Record<string, Procedure>;

const toJsonSchema = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema;

/** Returns the input schema of a procedure; undefined when it has no input. */
export const getInputSchema = (path: string): Schema | undefined => {
  const [input] = procedures[path]!._def.inputs;
  return input && toJsonSchema(input);
};

/** Yields all schemas of external input: of procedures and tools, and of messages between bridges and the server. */
export function* listExternalSchemas(): Generator<[name: string, Schema]> {
  for (const [path, { _def }] of Object.entries(procedures)) {
    for (const input of _def.inputs) yield [path, toJsonSchema(input)];
  }
  for (const [name, { input }] of Object.entries(tools)) yield [`tool ${name}`, toJsonSchema(input)];
  const contracts = { Callback, DecideApproval, TaskRequest, TaskState, BridgeResponses, BridgeLogs, BridgeRequest };
  for (const [name, schema] of Object.entries({ ...contracts, CheckIn, Enroll })) yield [name, toJsonSchema(schema)];
}

/** Yields a schema and all its parts with their paths. */
export function* walkSchema(schema: Schema, path = '', defs = schema.$defs ?? {}): Generator<[path: string, Schema]> {
  yield [path, schema];
  const { properties = {}, items, additionalProperties, anyOf = [], oneOf = [], allOf = [] } = schema;
  for (const [name, part] of Object.entries(properties)) yield* walkSchema(part, `${path}.${name}`, defs);
  for (const part of [...anyOf, ...oneOf, ...allOf]) yield* walkSchema(part, path, defs);
  if (items) yield* walkSchema(items, `${path}[]`, defs);
  if (typeof additionalProperties === 'object') yield* walkSchema(additionalProperties, `${path}{}`, defs);
}
