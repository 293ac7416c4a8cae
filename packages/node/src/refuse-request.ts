import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Responds with JSON to a request that has no response object, and closes its connection. */
export function refuseOnSocket(socket: Duplex, status: number, body: unknown, headers: Record<string, string> = {}) {
  const json = JSON.stringify(body);
  const lines = Object.entries({ ...toHeaders(json), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${json}`, () => socket.destroy());
}

const toHeaders = (json: string) => ({
  connection: 'close',
  'content-type': 'application/json; charset=utf-8',
  'content-length': Buffer.byteLength(json),
});

/** Statuses of the errors of Node's HTTP parser, the same as without a listener. Its other errors have 400. */
const PARSER_STATUSES: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Responds with JSON to requests that Node refuses itself, by default without a body. */
export function refuseMalformedRequests(server: Server, toBody: (message: string) => unknown) {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const { code = '' } = error;
    // The parser may fail while a response is being sent, which must not be followed by another one.
    const { _httpMessage: response } = socket as Duplex & { _httpMessage?: ServerResponse };
    const isParserError = code.startsWith('HPE_') || code in PARSER_STATUSES;
    if (!isParserError || !socket.writable || response?.headersSent) return void socket.destroy();
    const status = PARSER_STATUSES[code] ?? 400;
    refuseOnSocket(socket, status, toBody(`The request is invalid: ${STATUS_CODES[status]}.`));
  });
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const json = JSON.stringify(toBody('The only supported expectation is 100-continue.'));
    response.writeHead(417, toHeaders(json)).end(json);
  });
}
