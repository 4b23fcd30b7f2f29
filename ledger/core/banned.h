/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that cannot be used safely: naming one is a compile error. */
#ifndef ML_CORE_BANNED_H
#define ML_CORE_BANNED_H

#define ML_BANNED(function) ml_sorry_##function##_is_a_banned_function
#undef strcpy
#define strcpy(to, from) ML_BANNED(strcpy)
#undef strcat
#define strcat(to, from) ML_BANNED(strcat)
#undef strncpy
#define strncpy(to, from, n) ML_BANNED(strncpy)
#undef strncat
#define strncat(to, from, n) ML_BANNED(strncat)
#undef strtok
#define strtok(text, separators) ML_BANNED(strtok)
#undef sprintf
#define sprintf(...) ML_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) ML_BANNED(vsprintf)
#undef gets
#define gets(text) ML_BANNED(gets)
#undef atoi
#define atoi(text) ML_BANNED(atoi)
#undef atof
#define atof(text) ML_BANNED(atof)
#undef gmtime
#define gmtime(time) ML_BANNED(gmtime)
#undef localtime
#define localtime(time) ML_BANNED(localtime)
#undef ctime
#define ctime(time) ML_BANNED(ctime)

#endif
