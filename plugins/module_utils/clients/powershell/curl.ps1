# Copyright (c) 2026 ICS engineers
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# Runs curl.exe for one request after the other, and stops at the first that fails where it is told to. What is asked
# stands in a file that this account, SYSTEM and Administrators alone may read, and that is deleted at once: no password
# is ever on a command line. Written for Windows PowerShell 5.1.
[CmdletBinding(SupportsShouldProcess)]
param (
    [Parameter(Mandatory)] [securestring] $Login,
    [Parameter(Mandatory)] [object[]] $Requests,
    [string] $Curl = "$env:SystemRoot\System32\curl.exe"
)
$ErrorActionPreference = 'Stop'
$common = [Net.NetworkCredential]::new('', $Login).Password

function Write-Private {
    param ([string] $File, [string] $Text)
    $security = [Security.AccessControl.FileSecurity]::new()
    $security.SetAccessRuleProtection($true, $false)
    foreach ($sid in @('S-1-5-18', 'S-1-5-32-544', [Security.Principal.WindowsIdentity]::GetCurrent().User.Value)) {
        $security.AddAccessRule([Security.AccessControl.FileSystemAccessRule]::new(
                [Security.Principal.SecurityIdentifier]::new($sid), 'FullControl', 'None', 'None', 'Allow'))
    }
    $bytes = [Text.UTF8Encoding]::new($false).GetBytes($Text)
    $stream = [IO.FileStream]::new($File, [IO.FileMode]::CreateNew, [Security.AccessControl.FileSystemRights]::Write,
        [IO.FileShare]::None, 4096, [IO.FileOptions]::None, $security)
    try { $stream.Write($bytes, 0, $bytes.Length) }
    finally { $stream.Dispose() }
}

function Invoke-Curl {
    param ([string] $Configuration)
    $start = [Diagnostics.ProcessStartInfo]::new($Curl, ('--disable --config "{0}"' -f $Configuration))
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    $said = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    @{ rc = $process.ExitCode; stdout = $output; stderr = $said.Result }
}

$answers = [Collections.Generic.List[object]]::new()
$Ansible.Changed = $false
$Ansible.Result = @{ answers = $answers; error = '' }
try {
    if (-not (Test-Path -LiteralPath $Curl)) { throw "$Curl is missing; Windows Server 2019 and later bring it" }
    foreach ($request in $Requests) {
        $configuration = Join-Path -Path $Ansible.Tmpdir -ChildPath ('{0}.cfg' -f [Guid]::NewGuid().ToString('N'))
        $content = "$configuration.txt"
        try {
            $text = "$common`n$($request.text)`n"
            if ($request.content) {
                Write-Private -File $content -Text $request.content
                $text += 'upload-file = "{0}"' -f $content.Replace('\', '\\')
            }
            Write-Private -File $configuration -Text $text
            $answer = Invoke-Curl -Configuration $configuration
        }
        finally {
            # Not by Remove-Item, which does nothing in check mode.
            foreach ($one in @($configuration, $content)) { [IO.File]::Delete($one) }
        }
        $answers.Add($answer)
        if ($request.stop -and $answer.rc -ne 0) { break }
    }
}
catch { $Ansible.Result.error = $_.Exception.GetBaseException().Message }
