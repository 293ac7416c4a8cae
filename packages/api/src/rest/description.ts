/** What a program has to know before it calls anything. */
export const description = `Talk to your agents from a program.

**Signing in.** Make an API key on the organization's page, with the scopes that the program needs, and send it as
\`x-api-key\` or as \`Authorization: Bearer it0_…\`. The token of a login works as a bearer too.

**When it does not work.** Every refusal is a \`Failure\`: switch on its \`reason\`, which is one of a closed list, and show
its \`message\`. Where it says \`retryAfter\`, and in the header \`Retry-After\`, the same request may succeed after so many
seconds. What is not yours and what is not there are the same answer.

**Following a session.** Live events come over the WebSocket \`/ws/agent\`, with the same headers; where none can be set,
open \`/ws/agent?connectionParams=1\` and say first who you are:

\`{"method": "connectionParams", "data": {"apiKey": "it0_…"}}\`

Then subscribe, with the \`seq\` of \`listMessages\` as \`lastEventId\`, so that nothing is missed in between:

\`{"id": 1, "method": "subscription", "params": {"path": "session.onEvent", "input": {"sessionId": "…", "lastEventId": "17"}}}\`

Each frame \`{"id": 1, "result": {"type": "data", "data": {"id": "19", "data": […]}}}\` carries events in order. After a lost
connection, subscribe again with the last frame's \`id\` as \`lastEventId\`. Answer the text \`PING\` with \`PONG\`.`;
