/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses are public, at both ends of each range. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "ingest/address.h"
#include "tests/unit/cmocka_all.h"

static enum ml_address_kind kind_of(const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return ml_address_kind((const struct sockaddr *)(const void *)&four);
    assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
    return ml_address_kind((const struct sockaddr *)(const void *)&six);
}

/* A list ended by NULL. */
static void expect(enum ml_address_kind kind, const char *const *list)
{
    for (; *list; list++) {
        if (kind_of(*list) != kind)
            print_error("%s is not of kind %d\n", *list, (int)kind);
        assert_int_equal(kind_of(*list), kind);
    }
}

static void ranges_end_where_they_end(void **state)
{
    (void)state;
    expect(ML_ADDRESS_PUBLIC, (const char *const[]){"1.0.0.0",         "9.255.255.255",
                                                    "11.0.0.0",        "100.63.255.255",
                                                    "100.128.0.0",     "126.255.255.255",
                                                    "128.0.0.0",       "169.253.255.255",
                                                    "169.255.0.0",     "172.15.255.255",
                                                    "172.32.0.0",      "192.0.1.0",
                                                    "192.167.255.255", "192.169.0.0",
                                                    "198.17.255.255",  "198.20.0.0",
                                                    "223.255.255.255", "2000::1",
                                                    "2606:4700::1111", "2001:200::1",
                                                    "3ffe:ffff::1",    NULL});
    expect(ML_ADDRESS_LOOPBACK,
           (const char *const[]){"127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", NULL});
    expect(ML_ADDRESS_PRIVATE,
           (const char *const[]){"10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
                                 "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255",
                                 "fc00::1", "fdff::1", NULL});
    expect(ML_ADDRESS_SPECIAL,
           (const char *const[]){"0.0.0.0",     "0.255.255.255",    "169.254.169.254",
                                 "192.0.0.1",   "192.0.2.1",        "192.88.99.1",
                                 "198.18.0.0",  "198.19.255.255",   "198.51.100.1",
                                 "203.0.113.1", "224.0.0.1",        "239.255.255.255",
                                 "240.0.0.0",   "255.255.255.255",  "::",
                                 "::2",         "fe80::1",          "ff02::1",
                                 "2001::1",     "2001:1ff:ffff::1", "2001:db8::1",
                                 "3fff::1",     "100::1",           "4000::1",
                                 NULL});
}

/* Who asks for 127.0.0.1 by another name gets no further. */
static void an_embedded_address_is_what_it_embeds(void **state)
{
    (void)state;
    expect(ML_ADDRESS_LOOPBACK,
           (const char *const[]){"::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::", NULL});
    expect(ML_ADDRESS_PRIVATE,
           (const char *const[]){"::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "2002:a01:203::1", NULL});
    expect(ML_ADDRESS_SPECIAL,
           (const char *const[]){"::ffff:169.254.169.254", "::127.0.0.1", NULL});
    expect(ML_ADDRESS_PUBLIC, (const char *const[]){"::ffff:1.1.1.1", "64:ff9b::1.1.1.1", NULL});
}

static void other_families_are_special(void **state)
{
    (void)state;
    const struct sockaddr address = {.sa_family = AF_UNIX};
    assert_int_equal(ml_address_kind(&address), ML_ADDRESS_SPECIAL);
}

static void hosts_are_addresses_or_names(void **state)
{
    (void)state;
    enum ml_address_kind kind;
    assert_true(ml_address_parse("10.0.0.1", &kind));
    assert_int_equal(kind, ML_ADDRESS_PRIVATE);
    assert_true(ml_address_parse("[::1]", &kind));
    assert_int_equal(kind, ML_ADDRESS_LOOPBACK);
    assert_true(ml_address_parse("[::ffff:8.8.8.8]", &kind));
    assert_int_equal(kind, ML_ADDRESS_PUBLIC);
    static const char *const names[] = {
        "",          "[",
        "[]",        "::1",
        "localhost", "[x]",
        "1.2.3",     "[::1",
        "[1.2.3.4]", "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]"};
    for (size_t i = 0; i < ML_COUNT(names); i++)
        assert_false(ml_address_parse(names[i], &kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_end_where_they_end),
        cmocka_unit_test(an_embedded_address_is_what_it_embeds),
        cmocka_unit_test(other_families_are_special),
        cmocka_unit_test(hosts_are_addresses_or_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
