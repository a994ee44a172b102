"""Text that wants to be more: commands of a runner, Markdown, HTML, XML, escape sequences, no text at all."""

LINES = (
    b"::error file=train,line=1::pwned",
    b"  ::set-output name=outcome::pwned",
    b"::add-mask::e",
    b"::stop-commands::pwned",
    b"##[error]pwned",
    b"::endgroup::",
    b"\x1b]0;pwned\x07\x1b[2K\x1b[31mpwned\x1b[0m",
    b"\x00 \xff\xfe\xc3\x28 \xe2\x80\xae pwned \xe2\x80\xa8::error::pwned",
    b"<script>alert('pwned')</script><img src=x onerror=pwned>",
    b"[pwned](javascript:pwned) ![pwned](https://pwned.example/p.png) @octocat | a | b | ``` ~~~ --> ]]>",
)
ONE_LINE = b" ".join(line.replace(b"\x00", b"") for line in LINES)
