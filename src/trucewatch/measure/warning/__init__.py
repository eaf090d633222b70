"""Early warning: signs that come before an escalation, silent unless they beat a naive guess."""
