#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Does with its memory what the argument says, so that memcheck_test.py sees what is reported. */

static void *kept;

int main(int count, char **arguments)
{
    const char *what = count == 2 ? arguments[1] : "";
    volatile char *block = malloc(8);
    if (strcmp(what, "lose") == 0) {
        block = NULL;
        return 0;
    }
    if (strcmp(what, "read-freed") == 0) {
        free((void *)block);
        return block[0] == 'x';
    }
    if (strcmp(what, "read-unset") == 0) {
        puts(block[0] == 'x' ? "x" : "y");
        free((void *)block);
        return 0;
    }
    if (strcmp(what, "write-behind") == 0)
        block[8] = 'x';
    else if (strcmp(what, "keep") == 0) {
        kept = (void *)block;
        return 0;
    }
    free((void *)block);
    return 0;
}
