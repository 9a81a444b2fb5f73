/* Lets a test use the C client: `ask SOCKET ROOM`. Lines in: `MILLISECONDS NAME`; the question has NAME as the caller's name.
 * `MILLISECONDS event CALL_ID` says that the call ended. Lines out: the fault as a number, and the answer. */
#include "dialhook_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char line[131072], name[131072], question[262144];

int main(int argc, char **argv)
{
    struct dialhook client = DIALHOOK_CLIENT(argc > 2 ? argv[1] : "");
    size_t room = argc > 2 ? (size_t)atol(argv[2]) : 0;
    char *answer = malloc(room);
    while (answer && fgets(line, sizeof line, stdin)) {
        char *text = strchr(line, ' ');
        if (!text)
            return 2;
        text[strlen(text) - 1] = '\0';
        if (strncmp(text + 1, "event ", 6) == 0) {
            printf("%d ", dialhook_event(&client, "ended", text + 7, "\"reason\":\"busy\"", answer, room, atoi(line)));
            printf("%s\n", answer);
            fflush(stdout);
            continue;
        }
        if (!dialhook_json_text(text + 1, name, sizeof name))
            return 3;
        snprintf(question, sizeof question, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"call.route\",\"params\":"
                 "{\"webhook\":\"crm\",\"did\":\"100\",\"callername\":%s}}", name);
        printf("%d %s\n", dialhook_ask(&client, question, answer, room, atoi(line)), answer);
        fflush(stdout);
    }
    dialhook_close(&client);
    free(answer);
    return 0;
}
