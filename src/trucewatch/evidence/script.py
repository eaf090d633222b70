"""verify.sh of a bundle: its checks as plain shell, and those that need a tree in plain Go.

It shares nothing with this code: hashes by sha256sum, signatures and time stamps by openssl, notes
and trees by the code behind Go's checksum database. The text is part of the format, the same in
every bundle: a change is a new layout number.
"""

from __future__ import annotations

from trucewatch.evidence.script_go import GO_TEXT

_SHELL = r"""#!/bin/sh
# Checks this bundle without the software that made it. Read it before you run it:
#
#     sh verify.sh
#
# It needs sha256sum and openssl 3, and for steps 5 to 9 Go with golang.org/x/mod, for which it asks
# when it is not there. It writes only below a temporary folder. What you got by another way than
# this bundle is worth more than what lies in it:
#
#     KEY=FILE               the log's key, or its text (else data/log.vkey)
#     POLICY=FILE            the policy of witnesses    (else data/witness.policy)
#     ROOTS=FOLDER           NAME.pem of authorities    (else data/roots)
#
# It does not check what each key may sign, custody, what is missing, or the tables beside the log
# other than index.tsv: tw verify does.
set -u
LC_ALL=C
export LC_ALL
absolute() { case $1 in '' | /*) printf '%s' "$1" ;; *) printf '%s' "$PWD/$1" ;; esac; }
given_policy=$(absolute "${POLICY:-}")
given_roots=$(absolute "${ROOTS:-}")
given_key=${KEY:-}
[ -f "$given_key" ] && given_key=$(cat "$given_key")
key_is_whole() {
    id=${1#*+}
    printf '%s\n' "$1" | grep -qxE '[^+[:space:]]+[+][0-9a-f]{8}[+]A[Q-Za-f][A-Za-z0-9+/]{42}' &&
        [ "$(printf '%s' "$1" | wc -l)" -eq 0 ] &&
        [ "${id%%+*}" = "$({
            printf '%s\n' "${1%%+*}"
            printf '%s' "${id#*+}" | openssl base64 -d -A
        } | sha256sum | cut -c1-8)" ]
}
[ -z "$given_key" ] || key_is_whole "$given_key" || {
    echo "KEY: is neither a file with a key nor NAME+KEYID+BASE64; nothing was checked" >&2
    exit 2
}
cd "$(dirname "$0")" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
: >"$work/failed"

step() { printf '%s. %s\n' "$1" "$2"; }
pass() { printf '   PASS     %s\n' "$1"; }
skip() { printf '   SKIPPED  %s\n' "$1"; }
fail() {
    printf '   FAIL     %s\n' "$1"
    echo x >>"$work/failed"
}
count() { wc -l <"$1" | tr -d ' '; }
there() { [ -e "$1" ]; }
sumdb=${SUMDB:-/usr/share/gocode}
has_go=no
command -v go >/dev/null 2>&1 && there "$sumdb/src/golang.org/x/mod/sumdb/tlog" && has_go=yes
[ -z "$given_policy" ] || [ -f "$given_policy" ] || fail "POLICY: no file $given_policy"
[ -z "$given_roots" ] || [ -d "$given_roots" ] || fail "ROOTS: no folder $given_roots"

step 1 'Every file is as it was exported (sha256sum)'
if sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt >"$work/sums" 2>&1; then
    pass "$(grep -c ': OK$' "$work/sums") files hash to their lines"
else
    fail "$(grep -v ': OK$' "$work/sums")"
fi
find . -type f | sed 's|^\./||' | grep -v '^tagmanifest-sha256.txt$' | sort >"$work/there"
cat manifest-sha256.txt tagmanifest-sha256.txt | cut -c67- | sort >"$work/listed"
if cmp -s "$work/there" "$work/listed"; then
    pass "the manifests list $(count "$work/listed") files, and no other is here"
else
    fail 'the manifests list other files than are here'
fi

step 2 'Objects, proofs and reports are those that index.tsv lists'
if awk -F '\t' -v size="$(sed -n 2p data/checkpoint)" '
    function wrong(what) { print what; bad = 1 }
    FILENAME != "data/index.tsv" {
        hash = substr($0, 1, 64)
        path = substr($0, 67)
        if (path ~ /^data\/objects\//) {
            n = split(path, part, "/")
            if (part[n] != hash) wrong(path " hashes to " hash)
            have[hash] = path
        }
        if (path ~ /^data\/proofs\//) proof[path] = 1
        if (path ~ /^data\/report\//) report[path] = hash
        next
    }
    FNR == 1 { next }
    $1 != FNR - 2 { wrong("data/index.tsv: row " FNR - 2 " is of entry " $1) }
    { rows++ }
    $5 != "yes" && ($5 != "no" || $6 == "") { wrong("entry " $1 ": neither here nor withheld") }
    $5 == "yes" {
        if (!($3 in have)) wrong("entry " $1 ": object is not here")
        if (!(("data/proofs/" $1 ".tlog-proof") in proof)) wrong("entry " $1 ": proof is not here")
        listed[$3] = 1
        if ($2 ~ /^(report|release|cited)\//) published[$3] = 1
        n_yes++
    }
    END {
        if (rows + 0 != size) wrong("data/index.tsv has " rows + 0 " rows, the head says " size)
        for (hash in have) if (!(hash in listed)) wrong(have[hash] ": no row has it")
        for (path in report) if (!(report[path] in published)) wrong(path ": is no sealed report")
        if (!bad) print n_yes + 0 " of " rows + 0 " rows have object and proof here"
        exit bad
    }
' manifest-sha256.txt data/index.tsv >"$work/objects"; then
    pass "$(cat "$work/objects")"
else
    while read -r line; do fail "$line"; done <"$work/objects"
fi
[ $has_go = yes ] || skip 'index.tsv was not compared with the log: needs Go'

step 3 'Every statement is signed by the key that it names (openssl pkeyutl)'
field() { sed -n 's/.*"'"$2"'":"\([^"]*\)".*/\1/p' "$1"; }
check_statement() {
    json=$1
    plain=${json%.json}
    n=${plain##*/}
    keyid=$(field "$json" keyid)
    pem=data/keys/$keyid.pem
    field "$json" payload | openssl base64 -d -A >"$work/payload"
    field "$json" sig | openssl base64 -d -A >"$work/sig"
    length=$(wc -c <"$work/payload" | tr -d ' ')
    printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$length" >"$work/pae"
    cat "$work/payload" >>"$work/pae"
    digest=$(sha256sum <"$json" | cut -c1-64)
    cmp -s "$work/pae" "$plain.pae" || { fail "entry $n: .pae is not what .json says"; return; }
    cmp -s "$work/sig" "$plain.sig" || { fail "entry $n: .sig is not what .json says"; return; }
    awk -F '\t' -v n="$n" -v d="$digest" '
        $1 == n && $2 ~ /^statement\// && $3 == d && $5 == "yes" { ok = 1 } END { exit !ok }
    ' data/index.tsv || { fail "entry $n: seals another object"; return; }
    there "$pem" || { fail "entry $n: key $keyid is not here"; return; }
    raw=$(openssl pkey -pubin -in "$pem" -outform DER | tail -c 32 | sha256sum | cut -c1-64)
    [ "$raw" = "$keyid" ] || { fail "entry $n: $pem is key $raw"; return; }
    openssl pkeyutl -verify -pubin -inkey "$pem" -rawin -in "$plain.pae" \
        -sigfile "$plain.sig" >/dev/null 2>&1 || { fail "entry $n: signature is wrong"; return; }
    echo "$n" >>"$work/signed"
}
: >"$work/signed"
for json in data/statements/*.json; do
    there "$json" && check_statement "$json"
done
sealed=$(awk -F '\t' '$2 ~ /^statement\// && $5 == "yes"' data/index.tsv | wc -l | tr -d ' ')
if [ "$sealed" = 0 ]; then
    skip 'no statements here'
elif [ "$sealed" = "$(count "$work/signed")" ]; then
    pass "$sealed signatures"
    # Step 9 asks whether the log admits the keys.
    [ $has_go = yes ] || for pem in data/keys/*.pem; do
        keyid=${pem##*/}
        skip "key ${keyid%.pem}: whether it may sign is not checked: needs Go"
    done
else
    fail "$(count "$work/signed") signatures hold, expected $sealed"
fi

step 4 'Heads of the log were there at some time (openssl ts)'
roots=${given_roots:-data/roots}
[ -n "$given_roots" ] || echo '   roots are taken from the bundle unless you set ROOTS=FOLDER'
check_stamp() {
    base=${1##*/}
    size=${base%%.*}
    name=${base#*.}
    name=${name%.tsr}
    signed=$(sed -n 2p "data/anchors/$size.checkpoint" 2>/dev/null)
    [ "$signed" = "$size" ] || { fail "$1: its head is of '$signed' entries"; return; }
    there "$roots/$name.pem" || { skip "size $size: no $roots/$name.pem"; return; }
    head -n 5 "data/anchors/$size.checkpoint" >"$work/head"
    time=$(openssl ts -reply -in "$1" -text 2>/dev/null | sed -n 's/^Time stamp: //p')
    set -- "$1" -CAfile "$roots/$name.pem"
    at=$(date -u -d "$(echo "$time" | sed 's/\.[0-9]*//')" +%s 2>/dev/null)
    # Certificates are judged at the token's own time, where this date can tell it.
    [ -n "$at" ] && set -- "$@" -attime "$at"
    stamp=$1
    shift
    if openssl ts -verify -data "$work/head" -in "$stamp" "$@" >/dev/null 2>&1; then
        if [ $has_go = yes ]; then
            pass "$size entries were there by $time, says $name"  # Step 8 compares the head.
        else
            pass "$time, says $name: a head of $size entries, not compared with this log"
        fi
    else
        fail "size $size: time stamp by $name does not verify"
    fi
}
for head in data/anchors/*.checkpoint; do
    there "$head" || continue
    base=${head##*/}
    signed=$(sed -n 2p "$head")
    [ "$base" = "$signed.checkpoint" ] || fail "$head: is a head of $signed entries"
done
stamps=0
for stamp in data/anchors/*.tsr; do
    there "$stamp" && stamps=1 && check_stamp "$stamp"
done
[ "$stamps" = 1 ] || skip 'no time stamps here: times are those of the log itself'

if [ $has_go = no ]; then
    step '5 to 9' 'The head is signed, the log leads to it, to index.tsv and to who may sign (Go)'
    skip 'needs Go and golang.org/x/mod: apt-get install golang-go golang-golang-x-mod-dev'
else
    key=${given_key:-$(cat data/log.vkey)}
    [ -n "$given_key" ] || echo 'The key is taken from the bundle unless you set KEY.'
    policy=${given_policy:-data/witness.policy}
    [ -n "$given_policy" ] || echo 'Witnesses are taken from the bundle unless you set POLICY.'
    cat >"$work/check.go" <<'END_OF_GO'
"""

_END = r"""END_OF_GO
    # Output goes through a file: a pipe would hide whether it failed.
    GO111MODULE=off GOFLAGS='' GOPATH=$sumdb GOCACHE=${GOCACHE:-$work/cache} \
        go run "$work/check.go" "$key" "$policy" >"$work/go" 2>&1 || echo x >>"$work/failed"
    cat "$work/go"
fi

echo 'Unchanged since sealing does not mean true, and not that everything was sealed.'
if [ -s "$work/failed" ]; then
    echo 'FAILED: a link is broken'
    exit 1
fi
echo 'No step failed; a step that was SKIPPED shows nothing.'
"""

SCRIPT_TEXT = (_SHELL + GO_TEXT + _END).encode()
"""The bytes of verify.sh."""
