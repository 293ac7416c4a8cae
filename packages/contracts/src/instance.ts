import { z } from 'zod';

/** Status of an instance or of iAgent. */
export const InstanceStatus = z.enum(['DEPLOYING', 'RUNNING', 'STOPPED', 'ERROR']).meta({ id: 'InstanceStatus' });
export type InstanceStatus = z.infer<typeof InstanceStatus>;

/** State that the owner wants for an instance. */
export const DesiredState = z.enum(['RUNNING', 'STOPPED', 'REMOVED']);
export type DesiredState = z.infer<typeof DesiredState>;

/** What starts and stops an instance: the server, or a bridge on another host. */
export const Driver = z.enum(['local', 'remote']).meta({
  id: 'Driver',
  description: 'What starts and stops the instance. `local`: the server. `remote`: its bridge on another host.',
});
export type Driver = z.infer<typeof Driver>;

/** What answers the tasks of a bridge. */
export const EngineType = z.enum(['openclaw', 'claude-api', 'claude-cli']).meta({ id: 'EngineType' });
export type EngineType = z.infer<typeof EngineType>;

/** Provider of a model. */
export const ModelProvider = z
  .enum(['server', 'scripted', 'anthropic', 'openai-compatible'])
  .meta({ id: 'ModelProvider', description: '`server`: the model of the server or bridge that the instance runs on.' });
export type ModelProvider = z.infer<typeof ModelProvider>;

/**
 * Reason why the status of an agent differs from its desired state. A closed list, so that clients can translate it;
 * further information is in the detail.
 */
export const StatusReason = z.enum([
  /** The agent runs on another host, whose bridge is not enrolled yet. */
  'BRIDGE_NOT_ENROLLED',
  /** The agent exited and is being restarted. */
  'AGENT_RESTARTING',
  /** The agent exits repeatedly; the detail is its last output. */
  'AGENT_CRASH_LOOP',
  /** The bridge responds but the agent is not ready; the detail says why. */
  'AGENT_NOT_READY',
  /** The agent cannot be started; the detail says why. */
  'AGENT_CANNOT_RUN',
  /** The bridge stopped reporting. */
  'BRIDGE_SILENT',
  /** The server cannot reach the bridge at the address in the detail. */
  'BRIDGE_UNREACHABLE',
  /** The bridge is incompatible with the server; the detail is the command that updates it. */
  'BRIDGE_OUTDATED',
  /** The server's settings do not allow requests to the address in the detail. */
  'BRIDGE_ADDRESS_REFUSED',
]);
StatusReason.register(z.globalRegistry, {
  id: 'StatusReason',
  description: 'Reason why the status of an agent differs from its desired state.',
});
export type StatusReason = z.infer<typeof StatusReason>;
