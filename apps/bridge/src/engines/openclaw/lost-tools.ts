import { TOOL_PREFIX } from '../../tools/tool-server.ts';

/** The failure of a run that a restarted gateway continued before it had the bridge's tools. */
export const LOST_TOOLS =
  'The agent restarted and continued without its tools, so its reply is not complete. Send the message again.';

/** Returns whether a tool call failed because the gateway does not have the bridge's tools. */
export const isLostTool = (error: string) =>
  error.trim().startsWith(`Tool ${TOOL_PREFIX}`) && /not found\W*$/.test(error.trim());
