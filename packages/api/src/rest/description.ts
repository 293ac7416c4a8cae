/** Introduction of the REST documentation. */
export const description = `Talk to your agents from a program.

**Authentication.** Create an API key on the organization page, with the scopes that the program needs, and send it as
\`x-api-key\` or as \`Authorization: Bearer it0_…\`. The token of a login session works as a bearer token too.

**Errors.** Every error response is a \`Failure\`: switch on its \`reason\`, which comes from a closed list, and show its
\`message\`. \`retryAfter\`, and the header \`Retry-After\`, tell after how many seconds the same request may succeed.
Resources that do not exist and resources that you may not access get the same response.

**Following a session.** Live events are sent over the WebSocket \`/ws/agent\`, which takes the same headers. If your
client cannot set headers, open \`/ws/agent?connectionParams=1\` and authenticate with the first message:

\`{"method": "connectionParams", "data": {"apiKey": "it0_…"}}\`

Then subscribe. Pass the \`seq\` of \`listMessages\` as \`lastEventId\`, so that no event is missed in between:

\`{"id": 1, "method": "subscription", "params": {"path": "session.onEvent", "input": {"sessionId": "…", "lastEventId": "17"}}}\`

Each frame \`{"id": 1, "result": {"type": "data", "data": {"id": "19", "data": […]}}}\` carries events in order. After a lost
connection, subscribe again with the \`id\` of the last frame as \`lastEventId\`. Reply to the text \`PING\` with \`PONG\`.`;
