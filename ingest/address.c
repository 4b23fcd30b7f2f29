/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* The first `bits` bits are those of `prefix`. */
struct range {
    uint8_t prefix[16];
    uint8_t bits;
    uint8_t kind;
};

static const struct range ranges_4[] = {
    {{0}, 8, ML_ADDRESS_SPECIAL},             /* "this network" (on Linux: this machine) */
    {{10}, 8, ML_ADDRESS_PRIVATE},            /* RFC 1918 */
    {{100, 64}, 10, ML_ADDRESS_PRIVATE},      /* RFC 6598, shared with the provider */
    {{127}, 8, ML_ADDRESS_LOOPBACK},          /* RFC 1122 */
    {{169, 254}, 16, ML_ADDRESS_SPECIAL},     /* RFC 3927, link-local */
    {{172, 16}, 12, ML_ADDRESS_PRIVATE},      /* RFC 1918 */
    {{192, 0, 0}, 24, ML_ADDRESS_SPECIAL},    /* RFC 6890, protocols */
    {{192, 0, 2}, 24, ML_ADDRESS_SPECIAL},    /* RFC 5737, documentation */
    {{192, 88, 99}, 24, ML_ADDRESS_SPECIAL},  /* RFC 7526, 6to4 relays */
    {{192, 168}, 16, ML_ADDRESS_PRIVATE},     /* RFC 1918 */
    {{198, 18}, 15, ML_ADDRESS_SPECIAL},      /* RFC 2544, benchmarks */
    {{198, 51, 100}, 24, ML_ADDRESS_SPECIAL}, /* RFC 5737 */
    {{203, 0, 113}, 24, ML_ADDRESS_SPECIAL},  /* RFC 5737 */
    {{224}, 4, ML_ADDRESS_SPECIAL},           /* RFC 5771, multicast */
    {{240}, 4, ML_ADDRESS_SPECIAL},           /* RFC 1112, reserved; broadcast */
};

static const struct range ranges_6[] = {
    {{[15] = 1}, 128, ML_ADDRESS_LOOPBACK},             /* ::1 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, ML_ADDRESS_SPECIAL}, /* RFC 3849 */
    {{0x20, 0x01}, 23, ML_ADDRESS_SPECIAL},             /* RFC 2928 */
    {{0x3f, 0xff}, 20, ML_ADDRESS_SPECIAL},             /* RFC 9637 */
    {{0x20}, 3, ML_ADDRESS_PUBLIC},                     /* global unicast */
    {{0xfc}, 7, ML_ADDRESS_PRIVATE},                    /* RFC 4193 */
};

/* IPv6 prefixes after which an address of IPv4 stands. */
static const struct range embeddings[] = {
    {{[10] = 0xff, [11] = 0xff}, 96, 0}, /* mapped, RFC 4291 */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 0},   /* NAT64, RFC 6052 */
    {{0x20, 0x02}, 16, 0},               /* 6to4, RFC 3056 */
};

static bool is_in(const struct range *range, const uint8_t *address)
{
    const size_t whole = range->bits / 8, rest = range->bits % 8;
    if (memcmp(range->prefix, address, whole) != 0)
        return false;
    return rest == 0 || ((range->prefix[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static enum ml_address_kind find(const struct range *ranges, size_t count, const uint8_t *address,
                                 enum ml_address_kind otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(&ranges[i], address))
            return ranges[i].kind;
    return otherwise;
}

static enum ml_address_kind kind_4(const uint8_t address[4])
{
    return find(ranges_4, ML_COUNT(ranges_4), address, ML_ADDRESS_PUBLIC);
}

static enum ml_address_kind kind_6(const uint8_t address[16])
{
    for (size_t i = 0; i < ML_COUNT(embeddings); i++)
        if (is_in(&embeddings[i], address))
            return kind_4(address + embeddings[i].bits / 8);
    return find(ranges_6, ML_COUNT(ranges_6), address, ML_ADDRESS_SPECIAL);
}

enum ml_address_kind ml_address_kind(const struct sockaddr *address)
{
    uint8_t bytes[16];
    if (address->sa_family == AF_INET) {
        memcpy(bytes, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
        return kind_4(bytes);
    }
    if (address->sa_family != AF_INET6)
        return ML_ADDRESS_SPECIAL;
    memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, sizeof bytes);
    return kind_6(bytes);
}

bool ml_address_parse(const char *host, enum ml_address_kind *ret_kind)
{
    uint8_t bytes[16];
    char text[INET6_ADDRSTRLEN + 1];
    const size_t len = strlen(host);
    if (inet_pton(AF_INET, host, bytes) == 1) {
        *ret_kind = kind_4(bytes);
        return true;
    }
    if (len < 2 || len - 2 >= sizeof text || host[0] != '[' || host[len - 1] != ']')
        return false;
    memcpy(text, host + 1, len - 2);
    text[len - 2] = '\0';
    if (inet_pton(AF_INET6, text, bytes) != 1)
        return false;
    *ret_kind = kind_6(bytes);
    return true;
}
