# SPDX-License-Identifier: Apache-2.0
# Makes the table of finding_table.h from the table of findings in docs/FINDINGS.md.

function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function fail(text) {
    print FILENAME ":" FNR ": " text > "/dev/stderr"
    failed = 1
    exit 1
}

BEGIN {
    FS = " \\| "
    severity["fault"] = severity["fault, derived"] = "ML_SEVERITY_FAULT"
    severity["doubt"] = "ML_SEVERITY_DOUBT"
    severity["not proven"] = "ML_SEVERITY_NOT_PROVEN"
    print "/* Made from docs/FINDINGS.md by cli/finding_table.awk. */"
    print "#include \"cli/finding_table.h\"\n"
    print "const struct ml_finding_entry ml_finding_table[] = {"
}

/^## / { on = $0 == "## Findings" }

on && /^\| `/ {
    if (NF != 4)
        fail("a finding has four columns, not " NF)
    code = $1
    gsub(/[|` ]/, "", code)
    colon = index($2, ": ")
    word = substr($2, 1, colon - 1)
    if (colon == 0 || !(word in severity))
        fail("the meaning of " code " does not begin with its severity")
    sub(/ \|$/, "", $4)
    printf "    {%s, %s, %s,\n     %s,\n     %s},\n", quoted(code), severity[word],
        quoted(substr($2, colon + 2)), quoted($3), quoted($4)
    count++
}

END {
    if (failed)
        exit 1
    if (!count)
        fail("no findings")
    print "};"
    print "const size_t ml_finding_count = " count ";"
}
