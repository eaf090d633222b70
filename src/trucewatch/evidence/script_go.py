"""The Go program within verify.sh: notes, trees, and what index.tsv and signers owe to the log."""

from __future__ import annotations

GO_TEXT = r"""// Command check verifies notes and trees with the code behind Go's checksum database.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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

// grammar is the whole form of a leaf: an entry of the log.
var grammar = regexp.MustCompile(`^\{(?:"commit":"[0-9a-f]{64}",)?"level":"[A-Z+]+",` +
	`"logged_at":"[0-9TZ:.-]{27}","object":"([0-9a-f]{64})","size":(0|[1-9][0-9]{0,15}),` +
	`"type":"([a-z0-9_/]+)","v":1\}$`)

// parse returns the type, the object and the size that a leaf names.
func parse(index int, leaf []byte) (kind, object, size string) {
	found := grammar.FindSubmatch(leaf)
	if found == nil {
		must(fmt.Errorf("entry %d: %q is no entry", index, leaf))
	}
	return string(found[3]), string(found[1]), string(found[2])
}

// checkIndex compares the first four columns of index.tsv with the leaves.
func checkIndex(path string, leaves [][]byte) {
	rows := strings.Split(strings.TrimSuffix(string(read(path)), "\n"), "\n")[1:]
	for index, leaf := range leaves {
		kind, object, size := parse(index, leaf)
		want := fmt.Sprintf("%d\t%s\t%s\t%s\t", index, kind, object, size)
		if index >= len(rows) || !strings.HasPrefix(rows[index], want) {
			must(fmt.Errorf("%s: entry %d is not what the log says: %q", path, index, want))
		}
	}
	if len(rows) != len(leaves) {
		must(fmt.Errorf("%s: %d rows, expected %d", path, len(rows), len(leaves)))
	}
}

// said is what a statement says of keys.
type said struct {
	PredicateType string
	Predicate     struct {
		Act   string
		Keyid string
		Keys  []struct{ Keyid string }
	}
}

var (
	keyidField   = regexp.MustCompile(`"keyid":"([0-9a-f]{64})"`)
	payloadField = regexp.MustCompile(`"payload":"([^"]*)"`)
)

// open returns what a statement says, and the key that it names; step 3 verified the signature.
func open(path string) (statement said, keyid string) {
	envelope := read(path)
	key, payload := keyidField.FindSubmatch(envelope), payloadField.FindSubmatch(envelope)
	if key == nil || payload == nil {
		must(fmt.Errorf("%s: is no statement", path))
	}
	content, err := base64.StdEncoding.DecodeString(string(payload[1]))
	mustIn(path, err)
	mustIn(path, json.Unmarshal(content, &statement))
	return statement, string(key[1])
}

// checkSigners follows which keys the log admits and withdraws.
func checkSigners(leaves [][]byte) {
	admitted, founded := map[string]bool{}, false
	for index, leaf := range leaves {
		kind, _, _ := parse(index, leaf)
		path := fmt.Sprintf("data/statements/%d.json", index)
		if _, err := os.Stat(path); err != nil || !strings.HasPrefix(kind, "statement/") {
			continue
		}
		statement, keyid := open(path)
		if "urn:trucewatch:"+strings.TrimPrefix(kind, "statement/") != statement.PredicateType {
			must(fmt.Errorf("entry %d: is %s, says %s", index, kind, statement.PredicateType))
		}
		if !founded && kind == "statement/configured/v1" {
			for _, key := range statement.Predicate.Keys {
				admitted[key.Keyid] = true
			}
			founded = true
		}
		if !admitted[keyid] {
			must(fmt.Errorf("entry %d: key %s is not one that the log admits there", index, keyid))
		}
		if kind == "statement/enrolled/v1" {
			admitted[statement.Predicate.Keyid] = statement.Predicate.Act == "enrolled"
		}
	}
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
		if name := fmt.Sprintf("%d.checkpoint", old); name != filepath.Base(path) {
			must(fmt.Errorf("%s: is a head of %d entries", path, old))
		}
		if old > size || rootAt(old) != oldRoot {
			must(fmt.Errorf("%s: REWRITTEN: at size %d the log had another root", path, old))
		}
		count += cosigned(path, opened, known)
	}
	if count == 0 {
		fmt.Println("   SKIPPED  not anchored: no witness of the policy has cosigned this log")
	}

	fmt.Println("9. index.tsv and who may sign are what the log says")
	checkSigners(leaves)
	pass("every statement is signed by a key that the log admits there")
	checkIndex("data/index.tsv", leaves)
	pass("%d rows of index.tsv, each what its entry says", size)
}
"""
"""The source, as `go run` takes it."""
