/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sanitizers should pass over in fuzz targets: libfyaml 0.7 does not free the text of a
 * long quoted scalar that turns out to be malformed. Leaks of our own stay errors.
 */
/* NOLINTBEGIN(bugprone-reserved-identifier): LeakSanitizer's name for it */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml.so\n";
}
/* NOLINTEND(bugprone-reserved-identifier) */
