/* See dialhook_client.h. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "dialhook_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Beside the faults of the header: the connection was closed before a byte of the answer. */
#define CLOSED (-1)

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for POLLIN or POLLOUT; false when the deadline is over. */
static int ready(int fd, short events, long long deadline)
{
    for (;;) {
        struct pollfd one = { fd, events, 0 };
        long long left = deadline - now_ms();
        int count;
        if (left <= 0)
            return 0;
        count = poll(&one, 1, left > 1000000 ? 1000000 : (int)left);
        if (count > 0)
            return 1;
        if (count < 0 && errno != EINTR)
            return 0;
    }
}

/* A Unix socket connects at once, or not at all. */
static int connected(const char *path)
{
    struct sockaddr_un address;
    int fd;
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int send_all(int fd, const char *data, size_t size, long long deadline)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!ready(fd, POLLOUT, deadline))
                return DIALHOOK_TIMED_OUT;
        } else if (errno != EINTR) {
            return CLOSED;
        }
    }
    return DIALHOOK_ANSWERED;
}

static int receive_line(int fd, char *answer, size_t room, long long deadline)
{
    size_t size = 0;
    while (size < room) {
        ssize_t got = recv(fd, answer + size, room - size, 0);
        char *end;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (!ready(fd, POLLIN, deadline))
                return DIALHOOK_TIMED_OUT;
            continue;
        }
        if (got <= 0)
            return size == 0 ? CLOSED : DIALHOOK_BAD_ANSWER;
        end = memchr(answer + size, '\n', (size_t)got);
        size += (size_t)got;
        if (end) {
            *end = '\0';
            return end + 1 == answer + size ? DIALHOOK_ANSWERED : DIALHOOK_BAD_ANSWER;
        }
    }
    return DIALHOOK_BAD_ANSWER;
}

static int exchange(struct dialhook *client, const char *question, char *answer, size_t room, long long deadline)
{
    int outcome;
    if (client->fd < 0)
        client->fd = connected(client->path);
    if (client->fd < 0)
        return DIALHOOK_AWAY;
    outcome = send_all(client->fd, question, strlen(question), deadline);
    if (outcome == DIALHOOK_ANSWERED)
        outcome = send_all(client->fd, "\n", 1, deadline);
    if (outcome == DIALHOOK_ANSWERED)
        outcome = receive_line(client->fd, answer, room, deadline);
    /* Kept only after a whole answer: what comes later must not answer the next question. */
    if (outcome != DIALHOOK_ANSWERED)
        dialhook_close(client);
    return outcome;
}

enum dialhook_fault dialhook_ask(struct dialhook *client, const char *question, char *answer, size_t room, int milliseconds)
{
    long long deadline = now_ms() + milliseconds;
    int was_kept = client->fd >= 0;
    int outcome;
    if (room == 0)
        return DIALHOOK_BAD_ANSWER;
    answer[0] = '\0';
    outcome = exchange(client, question, answer, room, deadline);
    if (outcome == CLOSED && was_kept)
        outcome = exchange(client, question, answer, room, deadline);
    if (outcome != DIALHOOK_ANSWERED)
        answer[0] = '\0';
    return outcome == CLOSED ? DIALHOOK_AWAY : (enum dialhook_fault)outcome;
}

enum dialhook_fault dialhook_event(struct dialhook *client, const char *event, const char *call_id, const char *more,
                                   char *answer, size_t room, int milliseconds)
{
    char id[2048], line[16384];
    enum dialhook_fault fault;
    int size;
    if (room == 0)
        return DIALHOOK_BAD_ANSWER;
    answer[0] = '\0';
    if (!dialhook_json_text(call_id, id, sizeof id))
        return DIALHOOK_NOT_STORED;
    size = snprintf(line, sizeof line,
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"call.event\",\"params\":{\"event\":\"%s\",\"call_id\":%s%s%s}}",
                    event, id, more ? "," : "", more ? more : "");
    if (size < 0 || (size_t)size >= sizeof line)
        return DIALHOOK_NOT_STORED;
    fault = dialhook_ask(client, line, answer, room, milliseconds);
    if (fault == DIALHOOK_ANSWERED && !strstr(answer, "\"stored\":true")) /* in a text its quotes have backslashes */
        return DIALHOOK_NOT_STORED;
    return fault;
}

void dialhook_close(struct dialhook *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

int dialhook_json_text(const char *text, char *json, size_t room)
{
    static const char hex[] = "0123456789abcdef";
    const char *const end = json + room;
    if (room < 3)
        return 0;
    *json++ = '"';
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (end - json < 8)
            return 0;
        if (byte < 0x20) {
            memcpy(json, "\\u00", 4);
            json[4] = hex[byte >> 4];
            json[5] = hex[byte & 15];
            json += 6;
            continue;
        }
        if (byte == '"' || byte == '\\')
            *json++ = '\\';
        *json++ = *text;
    }
    *json++ = '"';
    *json = '\0';
    return 1;
}
