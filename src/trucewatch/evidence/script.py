"""verify.sh of a bundle: its checks as plain shell, and those that need a tree in plain Go.

It shares nothing with this code: hashes by sha256sum, signatures and time stamps by openssl, notes
and trees by the code behind Go's checksum database. The text is part of the format, the same in
every bundle: a change is a new layout number.
"""

from __future__ import annotations

_SHELL = r"""#!/bin/sh
# Checks this bundle without the software that made it. Read it before you run it:
#
#     sh verify.sh
#
# It needs sha256sum and openssl 3, and for steps 5 to 8 Go with golang.org/x/mod, for which it asks
# when it is not there. It writes only below a temporary folder. What you got by another way than
# this bundle is worth more than what lies in it:
#
#     KEY='NAME+ID+BASE64'   the log's key              (else data/log.vkey)
#     POLICY=FILE            the policy of witnesses    (else data/witness.policy)
#     ROOTS=FOLDER           NAME.pem of authorities    (else data/roots)
#
# It does not check who may sign what, custody, what is missing, or the tables beside the log:
# tw verify does.
set -u
LC_ALL=C
export LC_ALL
absolute() { case $1 in '' | /*) printf '%s' "$1" ;; *) printf '%s' "$PWD/$1" ;; esac; }
given_policy=$(absolute "${POLICY:-}")
given_roots=$(absolute "${ROOTS:-}")
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

step 2 'Every object is the one that its entry names (index.tsv)'
if awk -F '\t' '
    FILENAME != "data/index.tsv" {
        if (split($0, half, "  ") == 2 && half[2] ~ /^data\/objects\//) {
            n = split(half[2], part, "/")
            if (part[n] != half[1]) { print half[2] " hashes to " half[1]; bad = 1 }
            have[half[1]] = 1
        }
        next
    }
    FNR > 1 && $5 == "yes" && !have[$3] { print "entry " $1 ": object is not here"; bad = 1 }
    FNR > 1 && $5 == "yes" { n_yes++ }
    END { if (!bad) print n_yes + 0 " entries, each with its object"; exit bad }
' manifest-sha256.txt data/index.tsv >"$work/objects"; then
    pass "$(cat "$work/objects")"
else
    fail "$(cat "$work/objects")"
fi

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
    awk -F '\t' -v n="$n" -v d="$digest" '$1 == n && $3 == d { ok = 1 } END { exit !ok }' \
        data/index.tsv || { fail "entry $n: seals another object"; return; }
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
        pass "$size entries were there by $time, says $name"
    else
        fail "size $size: time stamp by $name does not verify"
    fi
}
stamps=0
for stamp in data/anchors/*.tsr; do
    there "$stamp" && stamps=1 && check_stamp "$stamp"
done
[ "$stamps" = 1 ] || skip 'no time stamps here: times are those of the log itself'

sumdb=${SUMDB:-/usr/share/gocode}
if ! command -v go >/dev/null 2>&1 || ! there "$sumdb/src/golang.org/x/mod/sumdb/tlog"; then
    step '5 to 8' 'The head is signed, the log leads to it, and others signed it (Go)'
    skip 'needs Go and golang.org/x/mod: apt-get install golang-go golang-golang-x-mod-dev'
else
    key=${KEY:-$(cat data/log.vkey)}
    [ -n "${KEY:-}" ] || echo 'The key is taken from the bundle unless you set KEY.'
    policy=${given_policy:-data/witness.policy}
    [ -n "$given_policy" ] || echo 'Witnesses are taken from the bundle unless you set POLICY.'
    cat >"$work/check.go" <<'END_OF_GO'
"""

_GO = r"""// Command check verifies notes and trees with the code behind Go's checksum database.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println("   FAIL    ", err)
		os.Exit(1)
	}
}

func mustIn(path string, err error) {
	if err != nil {
		must(fmt.Errorf("%s: %v", path, err))
	}
}

func pass(format string, a ...interface{}) { fmt.Printf("   PASS     "+format+"\n", a...) }

func read(path string) []byte {
	content, err := os.ReadFile(path)
	must(err)
	return content
}

// entries returns the leaves in the entry bundles, in order of their path.
func entries() (found [][]byte) {
	var paths []string
	filepath.Walk("data/tile/entries", func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			paths = append(paths, path)
		}
		return nil
	})
	sort.Strings(paths)
	for _, path := range paths {
		for rest := read(path); len(rest) > 0; {
			end := 0
			if len(rest) > 1 {
				end = 2 + int(binary.BigEndian.Uint16(rest))
			}
			if end == 0 || end > len(rest) {
				must(fmt.Errorf("%s: cut short", path))
			}
			found = append(found, rest[2:end])
			rest = rest[end:]
		}
	}
	return found
}

// head verifies a checkpoint and returns its text, size and root.
func head(path string, content []byte, verifier note.Verifier) (*note.Note, int64, tlog.Hash) {
	opened, err := note.Open(content, note.VerifierList(verifier))
	mustIn(path, err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		must(fmt.Errorf("%s: is of %q", path, lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	mustIn(path, err)
	root, err := tlog.ParseHash(lines[2])
	mustIn(path, err)
	return opened, size, root
}

func checkProof(path string, leaves [][]byte, verifier note.Verifier) {
	parts := bytes.SplitN(read(path), []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if len(parts) != 2 || len(lines) < 2 {
		must(fmt.Errorf("%s: is no proof", path))
	}
	_, size, root := head(path, parts[1], verifier)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	mustIn(path, err)
	if name := fmt.Sprintf("%d.tlog-proof", index); name != filepath.Base(path) {
		must(fmt.Errorf("%s: is of entry %d", path, index))
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		mustIn(path, err)
		proof = append(proof, hash)
	}
	if index >= int64(len(leaves)) {
		must(fmt.Errorf("%s: entry %d is not here", path, index))
	}
	mustIn(path, tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(leaves[index])))
}

// witnesses returns the public key by key name and id of each witness in a policy.
func witnesses(path string) map[string]ed25519.PublicKey {
	known := map[string]ed25519.PublicKey{}
	text, _ := os.ReadFile(path)
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "witness" {
			continue
		}
		parts := strings.SplitN(words[2], "+", 3)
		if len(parts) != 3 {
			must(fmt.Errorf("%s: %q is no key", path, words[2]))
		}
		key, err := base64.StdEncoding.DecodeString(parts[2])
		mustIn(path, err)
		if len(key) != 33 || key[0] != 4 {
			must(fmt.Errorf("%s: %q is no key of a witness", path, words[2]))
		}
		id := sha256.Sum256([]byte(parts[0] + "\n" + string(key)))
		known[fmt.Sprintf("%s+%x", parts[0], id[:4])] = ed25519.PublicKey(key[1:])
	}
	return known
}

// cosigned prints who signed a head besides the log, and returns how many that the policy lists.
func cosigned(path string, opened *note.Note, known map[string]ed25519.PublicKey) (count int) {
	for _, signature := range opened.UnverifiedSigs {
		key := known[fmt.Sprintf("%s+%08x", signature.Name, signature.Hash)]
		if key == nil {
			continue
		}
		value, err := base64.StdEncoding.DecodeString(signature.Base64)
		mustIn(path, err)
		if len(value) != 4+8+64 {
			must(fmt.Errorf("%s: cosignature by %s is too short", path, signature.Name))
		}
		seconds := binary.BigEndian.Uint64(value[4:12])
		signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, opened.Text)
		if !ed25519.Verify(key, []byte(signed), value[12:]) {
			must(fmt.Errorf("%s: cosignature by %s is wrong", path, signature.Name))
		}
		at := time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
		pass("%s cosigned by %s at %s", filepath.Base(path), signature.Name, at)
		count++
	}
	return count
}

func main() {
	verifier, err := note.NewVerifier(strings.TrimSpace(os.Args[1]))
	must(err)
	fmt.Println("5. The log's key signed the head (Go: sumdb/note)")
	_, size, root := head("data/checkpoint", read("data/checkpoint"), verifier)
	pass("%s, %d entries, root %v", verifier.Name(), size, root)

	fmt.Println("6. The entries lead to the head (Go: sumdb/tlog)")
	leaves := entries()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for index, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(index), leaf, reader)
		must(err)
		stored = append(stored, hashes...)
	}
	rootAt := func(size int64) tlog.Hash {
		if size == 0 {
			return tlog.Hash(sha256.Sum256(nil))
		}
		computed, err := tlog.TreeHash(size, reader)
		must(err)
		return computed
	}
	if int64(len(leaves)) != size || rootAt(size) != root {
		must(fmt.Errorf("%d entries lead to another root than that of size %d", len(leaves), size))
	}
	pass("%d entries, none removed, added or moved", size)

	fmt.Println("7. Every proof leads from its entry to the head (Go: sumdb/tlog)")
	proofs, _ := filepath.Glob("data/proofs/*.tlog-proof")
	for _, path := range proofs {
		checkProof(path, leaves, verifier)
	}
	pass("%d proofs", len(proofs))

	fmt.Println("8. Heads that others signed are of this log")
	known, count := witnesses(os.Args[2]), 0
	anchors, _ := filepath.Glob("data/anchors/*.checkpoint")
	for _, path := range anchors {
		opened, old, oldRoot := head(path, read(path), verifier)
		if old > size || rootAt(old) != oldRoot {
			must(fmt.Errorf("%s: REWRITTEN: at size %d the log had another root", path, old))
		}
		count += cosigned(path, opened, known)
	}
	if count == 0 {
		fmt.Println("   SKIPPED  not anchored: no witness of the policy has cosigned this log")
	}
}
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

SCRIPT_TEXT = (_SHELL + _GO + _END).encode()
"""The bytes of verify.sh."""
