/* Asks Dialhook over its Unix socket: one question at a time, with a deadline, over a connection that is kept.
 *
 * This header and dialhook_client.c are all there is: C11 and POSIX, no library. You write the question, one line of JSON
 * without the line end, and get the answer as such a line:
 *
 *     struct dialhook client = DIALHOOK_CLIENT("/run/dialhook/dialhook.sock");
 *     char answer[65536];
 *     enum dialhook_fault fault = dialhook_ask(&client, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"call.route\","
 *         "\"params\":{\"webhook\":\"crm\",\"did\":\"+31502102544\"}}", answer, sizeof answer, 6000);
 *     if (fault != DIALHOOK_ANSWERED)
 *         ...nobody decided: do what you would do without Dialhook...
 *
 * A client belongs to one thread; give each its own.
 */
#ifndef DIALHOOK_CLIENT_H
#define DIALHOOK_CLIENT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum dialhook_fault {
    DIALHOOK_ANSWERED,
    DIALHOOK_AWAY,      /* nobody listens, or the connection was closed without an answer */
    DIALHOOK_TIMED_OUT, /* no whole answer before the deadline; a late one harms no other call */
    DIALHOOK_BAD_ANSWER, /* longer than there is room for, or cut, or more than one line */
    DIALHOOK_NOT_STORED /* of dialhook_event alone: the answer is an error, which says why */
};

struct dialhook {
    const char *path; /* of the socket; at most 107 bytes */
    int fd;           /* the kept connection, or -1 */
};

#define DIALHOOK_CLIENT(path) { (path), -1 }

/* Sends `question` and waits for its answer until `milliseconds` are over, connecting included; that has to be more than the
 * webhook's `timeout`, since Dialhook itself always answers by then. `answer` has `room` bytes and ends in a null.
 *
 * A kept connection that turns out to be closed (the daemon was restarted) is opened once more and asked again. So a daemon
 * that dies in the middle of a question can get it twice: give each call its own call_id. */
enum dialhook_fault dialhook_ask(struct dialhook *client, const char *question, char *answer, size_t room, int milliseconds);

/* Says an event of a call (created, ringing, answered, transferred or ended) and waits until it is on disk: then, and only
 * then, it returns DIALHOOK_ANSWERED. `more` is NULL, or further members of the params as JSON, such as
 * "\"reason\":\"completed\"". `call_id` is UTF-8. An event that is asked twice, as above, may be told twice. */
enum dialhook_fault dialhook_event(struct dialhook *client, const char *event, const char *call_id, const char *more,
                                   char *answer, size_t room, int milliseconds);

void dialhook_close(struct dialhook *client);

/* Writes `text` (UTF-8) as JSON with its quotes; false (0) if there is no room. For numbers and names of a caller. */
int dialhook_json_text(const char *text, char *json, size_t room);

#ifdef __cplusplus
}
#endif
#endif
