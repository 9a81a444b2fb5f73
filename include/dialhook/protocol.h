/* What engines and Dialhook agree on over the Unix socket: the limits of a line and the codes of an error. C and C++. The daemon is
 * compiled against this file; docs/engine-protocol.md says what each of it means. */
#ifndef DIALHOOK_PROTOCOL_H
#define DIALHOOK_PROTOCOL_H

/* Bytes of a question, without its line end; a longer one closes the connection. */
#define DIALHOOK_MAX_LINE 65536

/* Requests in a batch. */
#define DIALHOOK_MAX_BATCH 256

/* Bytes of a number, a name of a caller or a call_id; of a number that was called at least one. */
#define DIALHOOK_MAX_TEXT 256

/* What an engine may send along with a call: so many variables, with names and values of so many bytes. */
#define DIALHOOK_MAX_VARS 32
#define DIALHOOK_MAX_VAR_NAME 32
#define DIALHOOK_MAX_VAR_VALUE 1024

enum dialhook_error {
    /* Those of JSON-RPC 2.0. */
    DIALHOOK_PARSE_ERROR = -32700,
    DIALHOOK_INVALID_REQUEST = -32600,
    DIALHOOK_METHOD_NOT_FOUND = -32601,
    DIALHOOK_INVALID_PARAMS = -32602,
    DIALHOOK_INTERNAL_ERROR = -32603,

    DIALHOOK_UNKNOWN_WEBHOOK = -32001,
    DIALHOOK_NO_DIALPLAN = -32002,     /* for this number */
    DIALHOOK_BAD_STATE = -32003,       /* cut, changed, or of a dialplan that is another one now */
    DIALHOOK_CANCELLED = -32006,       /* call.cancel ended this call */
    DIALHOOK_NOT_STORED = -32007,      /* an event: the disk did not take it; say it again */
    DIALHOOK_NO_CONFIGURATION = -32008, /* the daemon cannot start, its configuration is faulty */
    DIALHOOK_STOPPING = -32009         /* over HTTP alone: the daemon takes no more calls; ask again */
};

#endif
