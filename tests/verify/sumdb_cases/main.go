// Command sumdb_cases checks heads and proofs of many tree sizes with the code behind Go's checksum
// database. Usage: sumdb_cases VKEY CASES, one JSON object a line.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type testCase struct {
	Note        string
	Leaf        string
	Index       int64
	Inclusion   []string
	OldSize     int64
	OldRoot     string
	Consistency []string
}

func must(what string, err error) {
	if err != nil {
		fmt.Println("FAIL", what, err)
		os.Exit(1)
	}
}

func hashes(texts []string) (found []tlog.Hash) {
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		must("hash", err)
		found = append(found, hash)
	}
	return found
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must("key", err)
	file, err := os.Open(os.Args[2])
	must("cases", err)
	count := 0
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		var c testCase
		must("case", json.Unmarshal(scanner.Bytes(), &c))
		opened, err := note.Open([]byte(c.Note), note.VerifierList(verifier))
		must("note", err)
		lines := strings.Split(opened.Text, "\n")
		size, err := strconv.ParseInt(lines[1], 10, 64)
		must("size", err)
		root, err := tlog.ParseHash(lines[2])
		must("root", err)
		leaf, err := base64.StdEncoding.DecodeString(c.Leaf)
		must("leaf", err)
		what := fmt.Sprintf("size %d, entry %d", size, c.Index)
		must(what, tlog.CheckRecord(hashes(c.Inclusion), size, root, c.Index, tlog.RecordHash(leaf)))
		oldRoot, err := tlog.ParseHash(c.OldRoot)
		must("old root", err)
		what = fmt.Sprintf("size %d to %d", c.OldSize, size)
		must(what, tlog.CheckTree(hashes(c.Consistency), size, root, c.OldSize, oldRoot))
		count++
	}
	must("reading", scanner.Err())
	fmt.Println("OK", count)
}
